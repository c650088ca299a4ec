// How a network is told the time: sinusoids (Ho et al., "Denoising Diffusion
// Probabilistic Models", 2020, after Vaswani et al., 2017) and two linear layers.
#pragma once
#include <span>
#include <string>

#include "lib/nn/linear.hpp"

namespace diffusion::nn {

enum class SinusoidOrder { sin_cos, cos_sin };

struct SinusoidShape {
  std::int64_t channels = 2;  // half of them sines; an odd one is zero
  SinusoidOrder order = SinusoidOrder::cos_sin;
  double frequency_shift = 0;  // frequency i of h is 10000^(-i / (h - shift))
};

/// N x 1 x 1 x channels.
Tensor sinusoids(std::span<const float> timesteps, const SinusoidShape& shape);

class TimeEmbedding {
 public:
  /// Adds `name`.linear_1 and `name`.linear_2.
  TimeEmbedding(Parameters& parameters, const std::string& name, const SinusoidShape& shape,
                std::int64_t out);

  /// N x 1 x 1 x out.
  Tensor forward(std::span<const float> timesteps, Tape* tape) const;
  void backward(const Tensor& dy, Tape& tape) const;

 private:
  SinusoidShape shape_;
  Linear first_, second_;
};

}  // namespace diffusion::nn
