#include "lib/train/adam.hpp"

#include <cassert>
#include <cmath>

#include "lib/train/blocks.hpp"

namespace diffusion {
namespace {

struct Coefficients {
  float beta1, one_minus_beta1, beta2, one_minus_beta2;
  float scale;           // of gradients
  float keep;            // 1 - learning rate * weight decay
  float step;            // learning rate / bias correction of the mean
  float root_of_square;  // 1 / sqrt(bias correction of the square)
  float epsilon;
};

Coefficients coefficients(const AdamOptions& options, const AdamStep& step, double updates) {
  const double mean_bias = 1 - std::pow(options.beta1, updates);
  const double square_bias = 1 - std::pow(options.beta2, updates);
  return {.beta1 = float(options.beta1),
          .one_minus_beta1 = float(1 - options.beta1),
          .beta2 = float(options.beta2),
          .one_minus_beta2 = float(1 - options.beta2),
          .scale = float(step.gradient_scale),
          .keep = float(1 - step.learning_rate * options.weight_decay),
          .step = float(step.learning_rate / mean_bias),
          .root_of_square = float(1 / std::sqrt(square_bias)),
          .epsilon = float(options.epsilon)};
}

/// Kingma & Ba's algorithm 1, and line 12 of Loshchilov & Hutter's algorithm 2.
void update(const Coefficients c, std::size_t count, float* __restrict weight,
            const float* __restrict gradient, float* __restrict mean, float* __restrict square) {
  for (std::size_t i = 0; i < count; ++i) {
    const float g = c.scale * gradient[i];
    const float m = c.beta1 * mean[i] + c.one_minus_beta1 * g;
    const float s = c.beta2 * square[i] + c.one_minus_beta2 * g * g;
    mean[i] = m;
    square[i] = s;
    weight[i] = c.keep * weight[i] - c.step * m / (std::sqrt(s) * c.root_of_square + c.epsilon);
  }
}

}  // namespace

void adam_update(std::span<float> weights, std::span<const float> gradients, AdamState& state,
                 const AdamOptions& options, const AdamStep& step) {
  assert(gradients.size() == weights.size() && state.mean.size() == weights.size());
  const Coefficients c = coefficients(options, step, double(++state.updates));
  for_each_block(weights.size(), [&](std::size_t, std::size_t begin, std::size_t end) {
    update(c, end - begin, weights.data() + begin, gradients.data() + begin,
           state.mean.data() + begin, state.square.data() + begin);
  });
}

}  // namespace diffusion
