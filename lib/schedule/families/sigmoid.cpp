// Sigmoids: of beta, Xu et al. 2022, "GeoDiff: a Geometric Diffusion Model for Molecular
// Conformation Generation"; of alpha_bar, Jabri et al. 2022, "Scalable Adaptive
// Computation for Iterative Generation", Fig. 8.
#include <cmath>

#include "lib/schedule/families/families.hpp"
#include "lib/schedule/families/family_parts.hpp"

namespace diffusion {
namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

}  // namespace

Schedule make_sigmoid(Params& params, int steps) {
  const BetaRange range = beta_range(params);
  const bool linspace = params.choice("points", {"t/T", "linspace"}) == "linspace";
  std::vector<double> betas;
  for (int t = 1; t <= steps; ++t) {
    const double u = linspace ? ramp(t, steps) : double(t) / steps;
    betas.push_back(range.at(sigmoid(12 * u - 6)));
  }
  return from_betas(std::move(betas));
}

Schedule make_sigmoid_alpha_bar(Params& params, int steps) {
  const double start = params.number("start", -3), end = params.number("end", 3);
  const double tau = params.number("tau", 1);
  const BetaLimits limits = beta_limits(params);
  if (!(start < end)) params.refuse("start", "must be below end");
  if (!(tau > 0)) params.refuse("tau", "must be positive");
  const double last = sigmoid(-end / tau), whole = sigmoid(-start / tau) - last;
  return from_alpha_bar_curve(steps, limits, [&](double u) {
    return (sigmoid(-std::lerp(start, end, u) / tau) - last) / whole;
  });
}

}  // namespace diffusion
