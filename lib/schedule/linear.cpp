// Ho et al. 2020, "Denoising Diffusion Probabilistic Models", Sec. 4; the ramps
// of beta that its code and lessons derived from it use.
#include <cmath>

#include "lib/schedule/families.hpp"

namespace diffusion {
namespace {

/// u = (t - 1)/(T - 1) in [0, 1]; a ramp of one step is its start.
double ramp(int t, int steps) { return steps == 1 ? 0 : double(t - 1) / (steps - 1); }

struct BetaRange {
  double start, end;
  double at(double share) const { return start + share * (end - start); }
};

BetaRange beta_range(Params& params) {
  const BetaRange range{params.number("beta_start", 1e-4), params.number("beta_end", 0.02)};
  if (!(range.start >= 0 && range.start <= 1)) params.refuse("beta_start", "must lie in [0, 1]");
  if (!(range.end >= 0 && range.end <= 1)) params.refuse("beta_end", "must lie in [0, 1]");
  return range;
}

}  // namespace

Schedule make_linear(Params& params, int steps) {
  const BetaRange range = beta_range(params);
  const double scale = params.number("scale", 1);  // 1000/T in OpenAI's code
  if (!(scale > 0)) params.refuse("scale", "must be positive");
  std::vector<double> betas;
  for (int t = 1; t <= steps; ++t) betas.push_back(scale * range.at(ramp(t, steps)));
  return from_betas(std::move(betas));
}

Schedule make_quadratic(Params& params, int steps) {
  const BetaRange range = beta_range(params);
  std::vector<double> betas;
  for (int t = 1; t <= steps; ++t) betas.push_back(range.at(std::pow(double(t) / steps, 2)));
  return from_betas(std::move(betas));
}

Schedule make_sigmoid(Params& params, int steps) {
  const BetaRange range = beta_range(params);
  const bool linspace = params.choice("points", {"t/T", "linspace"}) == "linspace";
  std::vector<double> betas;
  for (int t = 1; t <= steps; ++t) {
    const double u = linspace ? ramp(t, steps) : double(t) / steps;
    betas.push_back(range.at(1 / (1 + std::exp(6 - 12 * u))));
  }
  return from_betas(std::move(betas));
}

}  // namespace diffusion
