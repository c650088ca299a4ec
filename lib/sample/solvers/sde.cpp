// Euler and Maruyama's method for the reverse-time SDE (Anderson 1982): Song et al. 2021,
// "Score-Based Generative Modeling through Stochastic Differential Equations", Eq. 6.
#include <cmath>

#include "lib/noise/combine.hpp"
#include "lib/noise/prediction.hpp"
#include "lib/sample/solvers/step.hpp"

namespace diffusion {
namespace {

/// The integrals of the forward SDE dx = f x dt + g dw over an interval.
struct Integrals {
  double drift;      // of f, backwards in time: log(alpha'/alpha)
  double diffusion;  // of g^2
};

/// -2 tau - 2 log(1 - tau), whose derivative is g^2 = 2 tau/(1 - tau) of the straight path.
double straight_diffusion(const NoiseLevel& at) { return -2 * (at.sigma + std::log(at.alpha)); }

Integrals integrals(Path path, const NoiseLevel& from, const NoiseLevel& to) {
  const double drift = std::log(to.alpha / from.alpha);
  switch (path) {
    case Path::variance_preserving:
      return {drift, 2 * drift};  // f = -beta(t)/2, g^2 = beta(t)
    case Path::variance_exploding:
      return {0, from.sigma * from.sigma - to.sigma * to.sigma};
    case Path::straight:
      return {drift, straight_diffusion(from) - straight_diffusion(to)};
  }
  __builtin_unreachable();
}

Tensor step(const SampleRun& run, const Tensor& x, const NoiseLevel& from, const NoiseLevel& to,
            std::uint32_t draw) {
  const Denoised denoised = run.denoise(x, from);
  const Tensor eps = eps_of(denoised, x, from);
  if (from.pure_noise()) {  // infinitely long
    const AncestralStep ancestral = ancestral_step(from, to, 1);
    return with_noise(moved(denoised, eps, ancestral.down), run, ancestral.fresh, draw);
  }
  const auto [drift, diffusion] = integrals(run.path, from, to);
  const Tensor mean = combine(1 + drift, x, -diffusion / from.sigma, eps);
  return with_noise(mean, run, to.clean() ? 0 : std::sqrt(diffusion), draw);
}

}  // namespace

Sampler make_sde(Params&) {
  return [](SampleRun run) {
    return along_grid(run, [&](const Tensor& x, const NoiseLevel& from, const NoiseLevel& to,
                               std::uint32_t i) { return step(run, x, from, to, i + 1); });
  };
}

}  // namespace diffusion
