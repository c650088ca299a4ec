#include "lib/fid/frechet.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "lib/base/error.hpp"
#include "lib/tensor/linalg.hpp"

namespace diffusion {
namespace {

/// Published covariances were rounded (to float32 at worst): what their factor may
/// miss, relative to the largest variance.
constexpr double indefinite_tolerance = 1e-4;

/// A distance below this part of the traces is their rounding: equal sets are at 0.
constexpr double rounding = 1e-13;

Array factor_of_rows(const FeatureStatistics& s) {
  const double scale = 1 / std::sqrt(double(s.count - 1));
  Array factor(Array::shape_type{s.count, s.dims()});
  for (std::size_t i = 0; i < s.count; ++i)
    for (std::size_t j = 0; j < s.dims(); ++j)
      factor(i, j) = (double(s.rows(i, j)) - s.mean[j]) * scale;
  return factor;
}

void check_factor(const FeatureStatistics& s, const Array& factor) {
  const std::size_t d = s.dims();
  Array rest = xt::zeros<double>({d, d});
  add_gram(rest, factor);
  double largest = 0, missed = 0;
  for (std::size_t i = 0; i < d; ++i) {
    largest = std::max(largest, std::abs(s.covariance(i, i)));
    for (std::size_t j = 0; j <= i; ++j)
      missed = std::max(missed, std::abs(rest(i, j) - s.covariance(i, j)));
  }
  if (missed > indefinite_tolerance * largest)
    throw Error(s.source + ": its covariance has negative eigenvalues: not a covariance");
}

/// F (r x d) with F^T F = covariance.
Array covariance_factor(const FeatureStatistics& s) {
  if (s.count == 1)
    throw Error(s.source + ": one image has no covariance: at least two are needed");
  if (s.keeps_rows()) return factor_of_rows(s);
  Array factor = pivoted_cholesky(s.covariance);
  check_factor(s, factor);
  return factor;
}

double sum_of_squares(const Array& array) {
  return std::inner_product(array.begin(), array.end(), array.begin(), 0.0);
}

}  // namespace

// With S1 = F1^T F1 and S2 = F2^T F2 the eigenvalues of S1 S2 are the squares of the
// singular values of F1 F2^T, so the trace of the root is their sum. No square root
// of a rounded eigenvalue is taken: the error stays near 1e-15 of the largest value
// even where covariances are singular, and with n < d the problem shrinks to n x n.
double frechet_distance(const FeatureStatistics& a, const FeatureStatistics& b) {
  check_same_provenance(a, b);
  const Array fa = covariance_factor(a), fb = covariance_factor(b);
  const auto roots = singular_values(multiply_transposed(fa, fb));
  const double trace_of_root = std::accumulate(roots.rbegin(), roots.rend(), 0.0);
  double means = 0;
  for (std::size_t j = 0; j < a.dims(); ++j)
    means += (a.mean[j] - b.mean[j]) * (a.mean[j] - b.mean[j]);
  const double variances = sum_of_squares(fa) + sum_of_squares(fb);
  const double distance = means + variances - 2 * trace_of_root;
  return distance < rounding * variances ? 0 : distance;
}

}  // namespace diffusion
