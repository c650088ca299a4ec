// Averages of the weights, which sampling uses.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace diffusion {

/// min(decay, (1 + update) / (10 + update)): short at first, so that samples of a
/// young model are not the initial noise. `update` counts from 1.
double ema_decay(double decay, std::uint64_t update);

/// average = decay average + (1 - decay) weights, for all weights. The same bits
/// for any number of threads.
void ema_update(std::span<float> average, std::span<const float> weights, double decay);

/// Which average.
struct Averaging {
  enum class Profile { exponential, power } profile;
  double width;  // the rate, in [0, 1); or sigma_rel (power_profile.hpp)
};

/// The prefix of its numbers in a model file.
std::string prefix_of(const Averaging& averaging);

/// One average.
struct WeightAverage {
  Averaging averaging;
  std::vector<float> values;
};

/// Takes the weights of update number `update` (from 1) into an average.
void take_in(WeightAverage& average, std::span<const float> weights, std::uint64_t update);

}  // namespace diffusion
