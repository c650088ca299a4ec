// The network of tests/data/fid-inception/weights.py: weights from a formula.
#pragma once
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "lib/fid/features/inception_units.hpp"
#include "lib/tensor/formats/safetensors.hpp"

namespace diffusion::test {

struct FormulaTensor {
  std::string name;
  std::vector<std::size_t> shape;
  std::vector<float> values;
};

/// Number `t` of the tensors.
inline FormulaTensor formula_tensor(std::uint32_t t, const std::string& name,
                                    const std::vector<std::size_t>& shape) {
  std::size_t count = 1;
  for (const std::size_t extent : shape) count *= extent;
  FormulaTensor tensor{name, shape, std::vector<float>(count)};
  const auto fan_in = double(count / shape[0]);
  const float deviation = float(std::sqrt(24 / fan_in));
  for (std::size_t i = 0; i < count; ++i) {
    std::uint32_t h = std::uint32_t(i) * 0x9E3779B1u + t * 0x7FEB352Du;
    h = (h ^ h >> 15) * 0x85EBCA77u;
    h = (h ^ h >> 13) * 0xC2B2AE35u;
    h ^= h >> 16;
    const float u = float(h >> 8) * 0x1p-24f - 0.5f;
    if (name.ends_with("conv.weight") || name == "fc.weight")
      tensor.values[i] = u * deviation;
    else
      tensor.values[i] =
          (name.ends_with("bn.weight") || name.ends_with("running_var") ? 1.0f : 0.0f) + u * 0.5f;
  }
  return tensor;
}

/// In the order of PyTorch's state dictionary.
inline std::vector<FormulaTensor> formula_weights() {
  std::vector<FormulaTensor> all;
  const auto add = [&](const std::string& name, const std::vector<std::size_t>& shape) {
    all.push_back(formula_tensor(std::uint32_t(all.size()), name, shape));
  };
  for (const InceptionUnit& unit : inception_units()) {
    const auto out = std::size_t(unit.shape.out);
    add(unit.name + ".conv.weight",
        {out, std::size_t(unit.shape.in), std::size_t(unit.shape.kernel.h),
         std::size_t(unit.shape.kernel.w)});
    for (const char* leaf : {"weight", "bias", "running_mean", "running_var"})
      add(unit.name + ".bn." + leaf, {out});
  }
  add("fc.weight", {1008, 2048});
  add("fc.bias", {1008});
  return all;
}

inline void write_weights(const std::string& path, const std::vector<FormulaTensor>& tensors) {
  std::vector<SafetensorsArray> arrays;
  for (const FormulaTensor& tensor : tensors)
    arrays.push_back(safetensors_array(tensor.name, tensor.shape, tensor.values));
  write_safetensors(path, arrays);
}

}  // namespace diffusion::test
