// What a convolution is, but for its weights.
#pragma once
#include "lib/nn/tensor.hpp"

namespace diffusion::nn {

struct ConvolutionShape {
  std::int64_t in = 1, out = 1, kernel = 1, stride = 1;
  std::int64_t pad_before = 0, pad_after = 0;  // zeros above and left, below and right

  Dims output(const Dims& x) const;
};

/// 3 x 3 that keeps the size of the image.
constexpr ConvolutionShape conv3x3(std::int64_t in, std::int64_t out) {
  return {.in = in, .out = out, .kernel = 3, .pad_before = 1, .pad_after = 1};
}

}  // namespace diffusion::nn
