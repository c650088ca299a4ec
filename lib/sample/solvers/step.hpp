// Moves between two noise levels that several samplers share.
#pragma once
#include <cmath>
#include <cstdint>
#include <utility>

#include "lib/base/params.hpp"
#include "lib/sample/sampler.hpp"

namespace diffusion {

/// Carries run.x along the grid by step(x, from, to, i), i = 0, 1, ..., which returns
/// the state at `to`; tells the watch of every level.
template <class Step>
Tensor along_grid(SampleRun& run, Step step) {
  Tensor x = std::move(run.x);
  report(run, 0, x);
  for (std::uint32_t i = 0; i + 1 < run.grid.size(); ++i) {
    x = step(std::as_const(x), run.grid[i], run.grid[i + 1], i);
    report(run, i + 1, x);
  }
  return x;
}

/// alpha' x0 + sigma' eps: the state at `to` if x0 and eps were right. First order; where
/// DDIM goes (Song et al. 2020, Eq. 12).
Tensor moved(const Denoised& denoised, const Tensor& eps, const NoiseLevel& to);
Tensor moved(const Denoised& denoised, const Tensor& x, const NoiseLevel& from,
             const NoiseLevel& to);

/// The state at `to` if the clean data were x0 all the way: (sigma'/sigma) x + c x0.
Tensor towards(const Tensor& x0, const Tensor& x, const NoiseLevel& from, const NoiseLevel& to);

/// How steps are taken over which sigma/alpha changes 400-fold.
enum class LongSteps {
  first,   // as `moved` takes them
  second,  // as all others, which is what most peers do
};
/// The parameter `long`.
LongSteps long_steps_from(Params& params);

/// Whether sigma/alpha changes so much in a step, 400-fold or to zero, that no polynomial in
/// it or in its logarithm helps: corrections of higher order, made of differences of
/// eps, would be as many times too large. Such steps, from almost pure noise or to clean
/// data, are best taken as `moved` takes them; those to an infinite lambda have to be.
inline bool too_long(const NoiseLevel& from, const NoiseLevel& to,
                     LongSteps how = LongSteps::first) {
  const double length = std::abs(to.lambda - from.lambda);
  return how == LongSteps::first ? !(length < 6) : !std::isfinite(length);
}

/// A step to `to` in two: without noise to `down`, which lies beyond, and back by noise
/// of scale `fresh`; eta = 1 is the posterior's share of noise (Song et al. 2020, Eq. 16).
struct AncestralStep {
  NoiseLevel down;  // its alpha is that of `to`
  double fresh;     // 0 where `to` is clean
};
AncestralStep ancestral_step(const NoiseLevel& from, const NoiseLevel& to, double eta);

/// x plus `scale` times draw number `draw`; no noise is drawn where scale is 0.
Tensor with_noise(Tensor x, const SampleRun& run, double scale, std::uint32_t draw);

/// The parameters eta and s_noise of ancestral samplers.
struct Ancestral {
  double eta, s_noise;
};
Ancestral ancestral_from(Params& params, double eta);

/// Noise that is added before a step, to be taken away by it (Karras et al. 2022,
/// "Elucidating the Design Space of Diffusion-Based Generative Models", Alg. 2).
struct Churn {
  double churn, s_min, s_max, s_noise;
};
Churn churn_from(Params& params);

/// A state and where it is.
struct Placed {
  Tensor x;
  NoiseLevel at;
};
Placed churned(const Churn& churn, const SampleRun& run, const Tensor& x, const NoiseLevel& from,
               std::uint32_t draw);

}  // namespace diffusion
