#include "lib/schedule/grids/beta_distribution.hpp"

#include <algorithm>
#include <cmath>

namespace diffusion {
namespace {

/// The continued fraction 1/(1 + d1/(1 + d2/(1 + ...))) of Abramowitz and Stegun 1964,
/// 26.5.8, summed forwards (Lentz's way). Converges fast for x < (a + 1)/(a + b + 2).
double continued_fraction(double x, double a, double b) {
  constexpr double tiny = 1e-300, precision = 1e-16;
  constexpr int most_terms = 10'000;
  const auto away_from_zero = [](double v) { return std::abs(v) < tiny ? tiny : v; };
  double upper = 1, lower = 0, value = 1;
  for (int n = 1; n <= most_terms; ++n) {
    const int half = n / 2;
    const double m = half;
    const double d = n % 2 == 0 ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
                                : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    lower = 1 / away_from_zero(1 + d * lower);
    upper = away_from_zero(1 + d / upper);
    value *= upper * lower;
    if (std::abs(upper * lower - 1) < precision) break;
  }
  return 1 / value;
}

/// By bisection of log(x/(1 - x)), which spreads out both ends.
double lower_quantile(double p, double a, double b) {
  double low = -700, high = 40;
  const auto x = [](double logit) { return 1 / (1 + std::exp(-logit)); };
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    (beta_cdf(x(middle), a, b) < p ? low : high) = middle;
  }
  return x((low + high) / 2);
}

}  // namespace

double beta_cdf(double x, double a, double b) {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - beta_cdf(1 - x, b, a);
  const double log_front =
      a * std::log(x) + b * std::log1p(-x) + std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b);
  return std::exp(log_front) / a * continued_fraction(x, a, b);
}

double beta_quantile(double p, double a, double b) {
  if (p <= 0 || p >= 1) return p <= 0 ? 0 : 1;
  // The smaller of p and 1 - p is the one that keeps its digits.
  return p > 0.5 ? 1 - lower_quantile(1 - p, b, a) : lower_quantile(p, a, b);
}

}  // namespace diffusion
