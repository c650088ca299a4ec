// The beta distribution: its cumulative distribution function and the inverse.
#pragma once

namespace diffusion {

/// P(X <= x) for X ~ Beta(a, b), a and b above 0: the regularised incomplete beta function.
double beta_cdf(double x, double a, double b);

/// The x of which beta_cdf(x, a, b) = p, for p in [0, 1], to about 1e-14.
double beta_quantile(double p, double a, double b);

}  // namespace diffusion
