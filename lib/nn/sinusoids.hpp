// How a network is told the time: sinusoids of it (Ho et al., "Denoising Diffusion
// Probabilistic Models", 2020, after Vaswani et al., 2017).
#pragma once
#include <span>
#include <vector>

#include "lib/nn/tensor.hpp"

namespace diffusion::nn {

enum class SinusoidOrder { sin_cos, cos_sin };

/// What a network is told of the time: sinusoids; or the number of the row nearest to it, its
/// natural logarithm or its inverse, in each of the channels.
enum class TimeForm { sinusoids, row, logarithm, inverse };

struct SinusoidShape {
  std::int64_t channels = 2;  // half of them sines; an odd one is zero
  SinusoidOrder order = SinusoidOrder::cos_sin;
  double frequency_shift = 0;              // frequency i of h is 10000^(-i / (h - shift))
  double time_scale = 1, time_offset = 0;  // offset + scale t is what they tell
  TimeForm form = TimeForm::sinusoids;
  std::int64_t rows = 0;  // that there are, for TimeForm::row
};

/// Of each pair of channels. Rounded where the networks that circulate were trained with
/// rounding: at t = 1000 the last bit of a frequency moves the sine by 6e-5.
std::vector<float> frequencies(const SinusoidShape& shape);

/// N x 1 x 1 x channels. Throws Error for times that have no such form: rows that there are not,
/// logarithms and inverses of what is not above 0.
Tensor sinusoids(std::span<const float> timesteps, const SinusoidShape& shape);

}  // namespace diffusion::nn
