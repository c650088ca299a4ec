// Small programs to run.
#pragma once
#include <numeric>
#include <vector>

#include "lib/xla/executable.hpp"

namespace diffusion::xla {

inline const Shape eight{Type::f32, {8}};

/// weights + 2 gradient in the weights' place, and the sum of both as they were.
inline const ProgramText update{R"(module @update {
  func.func public @main(%w: tensor<8xf32> {tf.aliasing_output = 0 : i32}, %g: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
    %s = stablehlo.add %w, %g : tensor<8xf32>
    %t = stablehlo.add %s, %g : tensor<8xf32>
    return %t, %s : tensor<8xf32>, tensor<8xf32>
  }
})",
                                {{eight, eight}, {eight, eight}, {{0, 0}}}};

/// from, from + 1, ...: eight numbers.
inline std::vector<float> ramp(float from) {
  std::vector<float> values(8);
  std::iota(values.begin(), values.end(), from);
  return values;
}

}  // namespace diffusion::xla
