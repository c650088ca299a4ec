// Ho et al. 2020, "Denoising Diffusion Probabilistic Models", Sec. 4, and the ramps of
// beta that tutorials derived from its code use. The ramp of square roots is that of
// Rombach et al. 2022, "High-Resolution Image Synthesis with Latent Diffusion Models".
#include <cmath>

#include "lib/schedule/families/families.hpp"
#include "lib/schedule/families/family_parts.hpp"

namespace diffusion {
namespace {

/// A factor on all betas. 1000/T, in words, keeps their sum whatever T is.
double take_scale(Params& params, int steps) {
  if (params.given("scale") == "1000/T") {
    params.text("scale", "");
    return 1000.0 / steps;
  }
  const double scale = params.number("scale", 1);
  if (!(scale > 0)) params.refuse("scale", "must be positive, or 1000/T");
  return scale;
}

}  // namespace

Schedule make_linear(Params& params, int steps) {
  const BetaRange range = beta_range(params);
  const double scale = take_scale(params, steps);
  std::vector<double> betas;
  for (int t = 1; t <= steps; ++t) betas.push_back(scale * range.at(ramp(t, steps)));
  return from_betas(std::move(betas));
}

Schedule make_scaled_linear(Params& params, int steps) {
  const BetaRange range = beta_range(params, {0.00085, 0.012});
  const BetaRange roots{std::sqrt(range.start), std::sqrt(range.end)};
  std::vector<double> betas;
  for (int t = 1; t <= steps; ++t) betas.push_back(std::pow(roots.at(ramp(t, steps)), 2));
  return from_betas(std::move(betas));
}

Schedule make_quadratic(Params& params, int steps) {
  const BetaRange range = beta_range(params);
  std::vector<double> betas;
  for (int t = 1; t <= steps; ++t) betas.push_back(range.at(std::pow(double(t) / steps, 2)));
  return from_betas(std::move(betas));
}

}  // namespace diffusion
