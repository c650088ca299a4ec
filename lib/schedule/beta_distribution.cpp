#include "lib/schedule/beta_distribution.hpp"

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
    const double m = n / 2;
    const double d = n % 2 == 0 ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
                                : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    lower = 1 / away_from_zero(1 + d * lower);
    upper = away_from_zero(1 + d / upper);
    value *= upper * lower;
    if (std::abs(upper * lower - 1) < precision) break;
  }
  return 1 / value;
}

/// By bisection of log x.
double quantile_below_half(double p, double a, double b) {
  double low = std::log(1e-300), high = std::log(0.5);
  for (int i = 0; i < 200 && high - low > 1e-16 * std::abs(low); ++i) {
    const double middle = (low + high) / 2;
    (beta_cdf(std::exp(middle), a, b) < p ? low : high) = middle;
  }
  return std::exp((low + high) / 2);
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
  // From the nearer end, where small quantiles keep their digits.
  return p > beta_cdf(0.5, a, b) ? 1 - quantile_below_half(1 - p, b, a)
                                 : quantile_below_half(p, a, b);
}

}  // namespace diffusion
