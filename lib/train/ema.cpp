#include "lib/train/ema.hpp"

#include <algorithm>
#include <cassert>

#include "lib/models/checkpoint.hpp"
#include "lib/train/blocks.hpp"
#include "lib/train/power_profile.hpp"

namespace diffusion {
namespace {

void blend(float keep, std::size_t count, float* __restrict average,
           const float* __restrict weight) {
  for (std::size_t i = 0; i < count; ++i) average[i] = weight[i] + keep * (average[i] - weight[i]);
}

/// A share far below 1 keeps all its digits.
void mix_in(float share, std::size_t count, float* __restrict average,
            const float* __restrict weight) {
  for (std::size_t i = 0; i < count; ++i) average[i] += share * (weight[i] - average[i]);
}

}  // namespace

double ema_decay(double decay, std::uint64_t update) {
  return std::min(decay, (1 + double(update)) / (10 + double(update)));
}

void ema_update(std::span<float> average, std::span<const float> weights, double decay) {
  assert(average.size() == weights.size());
  for_each_block(weights.size(), [&](std::size_t, std::size_t begin, std::size_t end) {
    blend(float(decay), end - begin, average.data() + begin, weights.data() + begin);
  });
}

std::string prefix_of(const Averaging& averaging) {
  return averaging.profile == Averaging::Profile::power ? power_prefix(averaging.width)
                                                        : ema_prefix(averaging.width);
}

void take_in(WeightAverage& average, std::span<const float> weights, std::uint64_t update) {
  const auto& [profile, width] = average.averaging;
  if (profile == Averaging::Profile::exponential)
    return ema_update(average.values, weights, ema_decay(width, update));
  const auto share = float(power_share(gamma_of(width), update));
  float* const values = average.values.data();
  for_each_block(weights.size(), [&](std::size_t, std::size_t begin, std::size_t end) {
    mix_in(share, end - begin, values + begin, weights.data() + begin);
  });
}

}  // namespace diffusion
