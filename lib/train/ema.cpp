#include "lib/train/ema.hpp"

#include <algorithm>
#include <cassert>

#include "lib/train/blocks.hpp"

namespace diffusion {
namespace {

void blend(float keep, std::size_t count, float* __restrict average,
           const float* __restrict weight) {
  for (std::size_t i = 0; i < count; ++i) average[i] = weight[i] + keep * (average[i] - weight[i]);
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

}  // namespace diffusion
