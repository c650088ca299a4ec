#include "lib/nn/time_embedding.hpp"

#include <algorithm>
#include <cmath>

#include "lib/nn/elementwise.hpp"

namespace diffusion::nn {

Tensor sinusoids(std::span<const float> timesteps, const SinusoidShape& shape) {
  Tensor y(Dims{std::int64_t(timesteps.size()), 1, 1, shape.channels});
  std::ranges::fill(y.floats(), 0.0f);
  const std::int64_t half = shape.channels / 2;
  const bool sine_first = shape.order == SinusoidOrder::sin_cos;
  for (std::int64_t i = 0; i < half; ++i) {
    // Rounded where the networks that circulate were trained with rounding: at
    // t = 1000 the last bit of a frequency moves the sine by 6e-5.
    const float exponent = float(-std::log(10000.0)) * float(i);
    const float frequency = std::exp(exponent / float(double(half) - shape.frequency_shift));
    for (std::size_t n = 0; n < timesteps.size(); ++n) {
      const float angle = timesteps[n] * frequency;
      float* const row = y.floats().data() + std::int64_t(n) * shape.channels;
      row[sine_first ? i : half + i] = std::sin(angle);
      row[sine_first ? half + i : i] = std::cos(angle);
    }
  }
  return y;
}

TimeEmbedding::TimeEmbedding(Parameters& parameters, const std::string& name,
                             const SinusoidShape& shape, std::int64_t out)
    : shape_(shape),
      first_(parameters, name + ".linear_1", shape.channels, out),
      second_(parameters, name + ".linear_2", out, out) {}

Tensor TimeEmbedding::forward(std::span<const float> timesteps, Tape* tape) const {
  const Tensor hidden = first_.forward(sinusoids(timesteps, shape_), tape);
  return second_.forward(silu(hidden, tape), tape);
}

void TimeEmbedding::backward(const Tensor& dy, Tape& tape) const {
  first_.backward(silu_backward(second_.backward(dy, tape), tape), tape);
}

}  // namespace diffusion::nn
