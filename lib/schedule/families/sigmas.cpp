// Tables of noise scales rather than betas: variance exploding and straight paths.
#include <cmath>

#include "lib/schedule/families/families.hpp"
#include "lib/schedule/families/family_parts.hpp"

namespace diffusion {
namespace {

struct SigmaRange {
  double min, max;
};

SigmaRange sigma_range(Params& params, SigmaRange fallback) {
  const SigmaRange range{params.number("sigma_min", fallback.min),
                         params.number("sigma_max", fallback.max)};
  if (!(range.min > 0 && range.min < range.max && std::isfinite(range.max)))
    params.refuse("sigma_min", "and sigma_max must satisfy 0 < sigma_min < sigma_max");
  return range;
}

}  // namespace

// Song et al. 2021, "Score-Based Generative Modeling through Stochastic
// Differential Equations", Sec. 3.4 and App. C.
Schedule make_ve(Params& params, int steps) {
  const auto [min, max] = sigma_range(params, {0.01, 50});
  std::vector<double> sigmas;
  for (int t = 1; t <= steps; ++t) sigmas.push_back(min * std::pow(max / min, ramp(t, steps)));
  return from_sigmas(Path::variance_exploding, sigmas);
}

// Karras et al. 2022, "Elucidating the Design Space of Diffusion-Based Generative
// Models", Eq. 5; the paper counts from the noisiest, step t from the cleanest.
Schedule make_karras(Params& params, int steps) {
  const auto [min, max] = sigma_range(params, {0.002, 80});
  const double rho = params.number("rho", 7);
  if (!(rho > 0)) params.refuse("rho", "must be positive");
  const double low = std::pow(min, 1 / rho), high = std::pow(max, 1 / rho);
  const bool c_noise = params.choice("timestep", {"t-1", "c_noise"}) == "c_noise";
  std::vector<double> sigmas;
  for (int t = 1; t <= steps; ++t)
    sigmas.push_back(std::pow(low + ramp(t, steps) * (high - low), rho));
  Schedule made = from_sigmas(Path::variance_exploding, sigmas);
  if (c_noise)  // what EDM's networks are handed (ibid., Table 1)
    for (NoiseLevel& level : made.levels) level.timestep = std::log(level.sigma) / 4;
  return made;
}

// Liu, Gong and Liu 2022, "Flow Straight and Fast"; the shift is Esser et al. 2024,
// "Scaling Rectified Flow Transformers for High-Resolution Image Synthesis", Eq. 23.
Schedule make_flow(Params& params, int steps) {
  const double shift = params.number("shift", 1);
  if (!(shift > 0)) params.refuse("shift", "must be positive");
  std::vector<double> taus;
  for (int t = 1; t <= steps; ++t) {
    const double tau = double(t) / steps;
    taus.push_back(shift * tau / (1 + (shift - 1) * tau));
  }
  return from_sigmas(Path::straight, taus);
}

}  // namespace diffusion
