// The moving average of the weights, which sampling uses.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace diffusion {

/// min(decay, (1 + update) / (10 + update)): short at first, so that samples of a
/// young model are not the initial noise. `update` counts from 1.
double ema_decay(double decay, std::uint64_t update);

/// average = decay average + (1 - decay) weights, for all weights. The same bits
/// for any number of threads.
void ema_update(std::span<float> average, std::span<const float> weights, double decay);

/// One average and the rate that names it.
struct WeightAverage {
  double rate;  // in [0, 1)
  std::vector<float> values;
};

}  // namespace diffusion
