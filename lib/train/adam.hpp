// AdamW: Kingma & Ba 2015, "Adam: A Method for Stochastic Optimization";
// Loshchilov & Hutter 2019, "Decoupled Weight Decay Regularization".
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace diffusion {

struct AdamOptions {
  double beta1 = 0.9, beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.01;  // per step, times the learning rate
};

/// Moving averages of the gradient and of its square, one number a weight.
struct AdamState {
  explicit AdamState(std::size_t weights) : mean(weights), square(weights) {}

  std::vector<float> mean, square;
  std::uint64_t updates = 0;  // so far: the bias correction's exponent
};

/// What differs from one update to the next.
struct AdamStep {
  double learning_rate;
  double gradient_scale = 1;  // applied to the gradients first: clipping
};

/// One update of all weights in one pass. The same bits for any number of threads.
void adam_update(std::span<float> weights, std::span<const float> gradients, AdamState& state,
                 const AdamOptions& options, const AdamStep& step);

}  // namespace diffusion
