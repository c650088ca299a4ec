#include "lib/schedule/families/family_parts.hpp"

#include <algorithm>

namespace diffusion {

BetaRange beta_range(Params& params, BetaRange fallback) {
  const BetaRange range{params.number("beta_start", fallback.start),
                        params.number("beta_end", fallback.end)};
  if (!(range.start >= 0 && range.start <= 1)) params.refuse("beta_start", "must lie in [0, 1]");
  if (!(range.end >= 0 && range.end <= 1)) params.refuse("beta_end", "must lie in [0, 1]");
  return range;
}

BetaLimits beta_limits(Params& params) {
  const BetaLimits limits{params.number("min_beta", 0), params.number("max_beta", 0.999)};
  if (!(limits.min >= 0 && limits.min <= limits.max && limits.max <= 1))
    params.refuse("min_beta", "and max_beta must satisfy 0 <= min_beta <= max_beta <= 1");
  return limits;
}

Schedule from_beta_function(int steps, BetaLimits limits, const std::function<double(int)>& beta) {
  std::vector<double> betas;
  betas.reserve(std::size_t(steps));
  for (int t = 1; t <= steps; ++t) betas.push_back(std::clamp(beta(t), limits.min, limits.max));
  return from_betas(std::move(betas));
}

Schedule from_alpha_bar_curve(int steps, BetaLimits limits,
                              const std::function<double(double)>& alpha_bar) {
  double before = alpha_bar(0);
  return from_beta_function(steps, limits, [&](int t) {
    const double now = alpha_bar(double(t) / steps), beta = (before - now) / before;
    before = now;
    return beta;
  });
}

}  // namespace diffusion
