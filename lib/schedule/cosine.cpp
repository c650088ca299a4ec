// Nichol and Dhariwal 2021, "Improved Denoising Diffusion Probabilistic Models", Eq. 17.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "lib/schedule/families.hpp"

namespace diffusion {

Schedule make_cosine(Params& params, int steps) {
  const double s = params.number("s", 0.008);
  const double min_beta = params.number("min_beta", 0), max_beta = params.number("max_beta", 0.999);
  if (!(s >= 0)) params.refuse("s", "must not be negative");
  if (!(min_beta >= 0 && min_beta <= max_beta && max_beta <= 1))
    params.refuse("min_beta", "and max_beta must satisfy 0 <= min_beta <= max_beta <= 1");
  const auto f = [&](int t) {
    const double c = std::cos((double(t) / steps + s) / (1 + s) * std::numbers::pi / 2);
    return c * c;
  };
  std::vector<double> betas;
  for (int t = 1; t <= steps; ++t)
    // Clipping keeps the last step, where f reaches 0, invertible.
    betas.push_back(std::clamp(1 - f(t) / f(t - 1), min_beta, max_beta));
  return from_betas(std::move(betas));
}

}  // namespace diffusion
