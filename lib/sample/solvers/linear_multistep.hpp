// Linear multistep methods for dy/ds = eps, y = x/alpha, s = sigma/alpha: each step is
// y' = y + sum_j w_j eps_j over the latest evaluations.
#pragma once
#include <functional>
#include <span>
#include <vector>

#include "lib/sample/sampler.hpp"
#include "lib/sample/solvers/history.hpp"

namespace diffusion {

/// Weights of eps at `s`, newest first, for a step from s[0] to `to`; their sum is
/// to - s[0].
using StepWeights = std::function<std::vector<double>(std::span<const double> s, double to)>;

struct LinearMultistep {
  std::size_t order;
  Ending ending;
  StepWeights weights;
  OfNoise of_noise = OfNoise::forgotten;  // kept: a first step takes 0 for the clean data
};

Tensor linear_multistep(SampleRun run, const LinearMultistep& method);

/// Adams-Bashforth's weights of equal steps, order 1 to 4, whose sum is 1.
std::vector<double> adams_bashforth(std::size_t order);

}  // namespace diffusion
