#include "lib/nn/sinusoids.hpp"

#include <algorithm>
#include <cmath>

namespace diffusion::nn {

std::vector<float> frequencies(const SinusoidShape& shape) {
  std::vector<float> all(std::size_t(shape.channels / 2));
  for (std::size_t i = 0; i < all.size(); ++i) {
    const float exponent = float(-std::log(10000.0)) * float(i);
    all[i] = std::exp(exponent / float(double(all.size()) - shape.frequency_shift));
  }
  return all;
}

Tensor sinusoids(std::span<const float> timesteps, const SinusoidShape& shape) {
  Tensor y(Dims{std::int64_t(timesteps.size()), 1, 1, shape.channels});
  std::ranges::fill(y.floats(), 0.0f);
  const std::vector<float> frequency = frequencies(shape);
  const std::size_t half = frequency.size();
  const bool sine_first = shape.order == SinusoidOrder::sin_cos;
  for (std::size_t n = 0; n < timesteps.size(); ++n) {
    float* const row = y.floats().data() + n * std::size_t(shape.channels);
    const auto time = float(shape.time_offset + shape.time_scale * double(timesteps[n]));
    for (std::size_t i = 0; i < half; ++i) {
      const float angle = time * frequency[i];
      row[sine_first ? i : half + i] = std::sin(angle);
      row[sine_first ? half + i : i] = std::cos(angle);
    }
  }
  return y;
}

}  // namespace diffusion::nn
