// DPM-Solver and DPM-Solver++ in single steps: from one level, by estimates at levels beyond
// it, to another. Lu et al. 2022, "DPM-Solver: A Fast ODE Solver for Diffusion Probabilistic
// Model Sampling in Around 10 Steps", Alg. 1 and 2; Lu et al. 2025, "DPM-Solver++: Fast Solver
// for Guided Sampling of Diffusion Probabilistic Models", Alg. 1.
#pragma once
#include <vector>

#include "lib/noise/combine.hpp"
#include "lib/sample/solvers/exponential.hpp"

namespace diffusion {

class SingleStep {
 public:
  /// Asks the denoiser at x.
  SingleStep(const SampleRun& run, const Tensor& x, const NoiseLevel& from, Of of);

  /// The state at `to` by the estimates that there are: of first, second or third order.
  Tensor at(const NoiseLevel& to, SlopeTerm slope) const;

  /// What that has beyond a step of first order; refers to this object until it asks again.
  std::vector<Summand> beyond_first(const NoiseLevel& to, SlopeTerm slope) const;

  /// Asks the denoiser at x, a state at a level beyond: the order grows by one.
  void ask(const Tensor& x, const NoiseLevel& there);

 private:
  struct Node {
    double gap;  // in half log-SNR, from the start
    Tensor difference;
  };

  const SampleRun& run_;
  const Tensor& x_;
  NoiseLevel from_;
  Of of_;
  Denoised denoised_;
  Tensor value_;
  std::vector<Node> nodes_;
};

}  // namespace diffusion
