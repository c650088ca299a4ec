// What lies between two levels of one path: the forward step and its posterior.
#pragma once
#include <cmath>

#include "lib/schedule/noise_level.hpp"

namespace diffusion {

/// x_from = scale x_to + sqrt(variance) eps for a cleaner level `to`. On the
/// variance-preserving path scale = sqrt(1 - beta) and variance = beta
/// (Ho et al. 2020, Eq. 2).
struct ForwardStep {
  double scale, variance;
};

inline ForwardStep forward_step(const NoiseLevel& to, const NoiseLevel& from) {
  // alpha = sigma e^lambda: for levels whose alphas are too small for a quotient.
  const bool underflows = to.alpha < 1e-290;
  const double scale = underflows ? from.sigma / to.sigma * std::exp(from.lambda - to.lambda)
                                  : from.alpha / to.alpha;
  // sigma^2 - scale^2 sigma'^2 = sigma^2 (1 - SNR/SNR'), which cannot go negative.
  return {scale, -from.sigma * from.sigma * std::expm1(2 * (from.lambda - to.lambda))};
}

/// q(x_to | x_from, x_0) = N(coef_x0 x_0 + coef_xt x_from, variance I)
/// (Ho et al. 2020, Eq. 6 and 7, for any path).
struct PosteriorStep {
  double coef_x0, coef_xt, variance;
};

inline PosteriorStep posterior_step(const NoiseLevel& from, const NoiseLevel& to) {
  if (to.clean()) return {to.alpha, 0, 0};
  const ForwardStep step = forward_step(to, from);
  const double total = from.sigma * from.sigma, before = to.sigma * to.sigma;
  return {to.alpha * step.variance / total, step.scale * before / total,
          step.variance * before / total};
}

}  // namespace diffusion
