#include "lib/nn/sinusoids.hpp"

#include <algorithm>
#include <cmath>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"

namespace diffusion::nn {

std::vector<float> frequencies(const SinusoidShape& shape) {
  std::vector<float> all(std::size_t(shape.channels / 2));
  for (std::size_t i = 0; i < all.size(); ++i) {
    const float exponent = float(-std::log(10000.0)) * float(i);
    all[i] = std::exp(exponent / float(double(all.size()) - shape.frequency_shift));
  }
  return all;
}

namespace {

float row_of(float time, std::int64_t rows) {
  const float row = std::round(time);
  if (!(row >= 0 && row < float(rows)))
    throw Error("time " + shortest(double(time)) + ": the network has learned times 0 to " +
                std::to_string(rows - 1));
  return row;
}

float formed(float time, const SinusoidShape& shape) {
  if (shape.form == TimeForm::row) return row_of(time, shape.rows);
  if (!(time > 0))
    throw Error("time " + shortest(double(time)) +
                ": the network takes the logarithm of its times, which are above 0 where they are "
                "noise scales, as of networks that predict ncsn");
  return shape.form == TimeForm::logarithm ? std::log(time) : 1 / time;
}

Tensor formed(std::span<const float> timesteps, const SinusoidShape& shape) {
  Tensor y(Dims{std::int64_t(timesteps.size()), 1, 1, shape.channels});
  const auto channels = std::size_t(shape.channels);
  for (std::size_t n = 0; n < timesteps.size(); ++n)
    std::ranges::fill(y.floats().subspan(n * channels, channels), formed(timesteps[n], shape));
  return y;
}

}  // namespace

Tensor sinusoids(std::span<const float> timesteps, const SinusoidShape& shape) {
  if (shape.form != TimeForm::sinusoids) return formed(timesteps, shape);
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
