// Self-attention among the pixels of an image (Vaswani et al., "Attention Is All
// You Need", 2017), normalised before and with a residual connection around it.
#pragma once
#include <string>

#include "lib/nn/group_norm.hpp"
#include "lib/nn/pixel_linear.hpp"

namespace diffusion::nn {

class Attention {
 public:
  struct Shape {
    std::int64_t channels = 1, heads = 1;  // heads divides channels
    std::int64_t groups = 1;
    float eps = 1e-5f;
    float residual_divisor = 1;
  };

  /// Adds `name`.group_norm, .to_q, .to_k, .to_v and .to_out.0.
  Attention(Parameters& parameters, const std::string& name, const Shape& shape);

  /// (x + out(attend(qkv(norm(x))))) / residual_divisor
  Tensor forward(const Tensor& x, Tape* tape) const;
  Tensor backward(Tensor dy, Tape& tape) const;

 private:
  Shape shape_;
  GroupNorm norm_;
  PixelLinear qkv_, out_;
};

}  // namespace diffusion::nn
