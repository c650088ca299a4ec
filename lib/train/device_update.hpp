// What a step does to the weights (adam.hpp, ema.hpp, gradient_norm.hpp) in a program.
#pragma once
#include <vector>

#include "lib/base/shard.hpp"
#include "lib/train/adam.hpp"
#include "lib/train/ema.hpp"
#include "lib/xla/operations.hpp"

namespace diffusion {

/// All that steps change: flat arrays of f32, one number a weight, and how many updates there
/// were, a u32.
struct DeviceState {
  xla::Value weights, mean, square;
  std::vector<xla::Value> averages;
  xla::Value updates;
};

struct UpdateRule {
  AdamOptions adam;
  double clip = 0;  // 0: none
  std::vector<Averaging> averages;
  std::vector<Range> fixed = {};  // weights that stay as they are, see fixed_weights
};

/// f32: of the whole batch.
struct StepGradient {
  xla::Value gradient, loss;  // flat; a scalar
  xla::Value learning_rate;   // a scalar
};

/// Where loss or norm is not finite, the state is what it was, and `sound` is false.
struct DeviceUpdate {
  DeviceState state;
  xla::Value norm, sound;  // f32, pred
};
DeviceUpdate device_update(const DeviceState& before, const StepGradient& step,
                           const UpdateRule& rule);

}  // namespace diffusion
