// What a convolution is, but for its weights.
#pragma once
#include "lib/nn/tensor.hpp"

namespace diffusion::nn {

/// Of a window: one number where it is square.
struct Sides {
  std::int64_t h, w;

  constexpr Sides(std::int64_t both) : h(both), w(both) {}
  constexpr Sides(std::int64_t height, std::int64_t width) : h(height), w(width) {}
  bool operator==(const Sides&) const = default;
};

struct ConvolutionShape {
  std::int64_t in = 1, out = 1;
  Sides kernel = 1;
  std::int64_t stride = 1;
  Sides pad_before = 0, pad_after = 0;  // zeros above and left, below and right

  Dims output(const Dims& x) const;
  std::size_t weights() const { return std::size_t(out * in * kernel.h * kernel.w); }
};

/// 3 x 3 that keeps the size of the image.
constexpr ConvolutionShape conv3x3(std::int64_t in, std::int64_t out) {
  return {.in = in, .out = out, .kernel = 3, .pad_before = 1, .pad_after = 1};
}

}  // namespace diffusion::nn
