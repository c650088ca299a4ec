#include "lib/fid/frechet.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "lib/base/error.hpp"
#include "lib/tensor/linalg.hpp"

namespace diffusion {
namespace {

/// Published covariances were rounded (to float32 at worst): what their factor may
/// miss, relative to the largest variance.
constexpr double indefinite_tolerance = 1e-4;

/// A distance below this part of the traces is their rounding: equal sets are at 0.
constexpr double rounding = 1e-13;

/// Below this size singular values cost little, and are exact.
constexpr std::size_t small_problem = 256;

/// The bound of its error, in parts of the distance, for which a quick result will do.
/// Results are some hundred times nearer than the bound says.
constexpr double tolerated_error = 1e-4;

/// A number, and a bound of its error.
struct Bounded {
  double value, error;
};

Array factor_of_rows(const FeatureStatistics& s) {
  const double scale = 1 / std::sqrt(double(s.count - 1));
  Array factor(Array::shape_type{s.count, s.dims()});
  for (std::size_t i = 0; i < s.count; ++i)
    for (std::size_t j = 0; j < s.dims(); ++j)
      factor(i, j) = (double(s.rows(i, j)) - s.mean[j]) * scale;
  return factor;
}

void refuse_indefinite(const FeatureStatistics& s) {
  throw Error(s.source + ": its covariance has negative eigenvalues: not a covariance");
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
  if (missed > indefinite_tolerance * largest) refuse_indefinite(s);
}

/// F (r x d) with F^T F = covariance.
Array covariance_factor(const FeatureStatistics& s) {
  if (s.keeps_rows()) return factor_of_rows(s);
  Array factor = pivoted_cholesky(s.covariance);
  // A factor of full rank is itself the proof.
  if (factor.shape()[0] < s.dims()) check_factor(s, factor);
  return factor;
}

double sum_of_squares(const Array& array) {
  return std::inner_product(array.begin(), array.end(), array.begin(), 0.0);
}

// Tr(S1 + S2 - 2 (S1 S2)^(1/2)). With S1 = F1^T F1 and S2 = F2^T F2 the eigenvalues of S1 S2 are
// the squares of the singular values of F1 F2^T, so the trace of the root is their sum. No square
// root of a rounded eigenvalue is taken: the error stays near 1e-15 of the largest value even where
// covariances are singular, and with n < d the problem shrinks to n x n.
double exact_distance(double means, const FeatureStatistics& a, const FeatureStatistics& b) {
  const Array fa = covariance_factor(a), fb = covariance_factor(b);
  const auto roots = singular_values(multiply_transposed(fa, fb));
  const double variances = sum_of_squares(fa) + sum_of_squares(fb);
  const double distance =
      means + variances - 2 * std::accumulate(roots.rbegin(), roots.rend(), 0.0);
  return distance < rounding * variances ? 0 : distance;
}

// The same from the eigenvalues themselves, in a quarter of the time. They are exact to
// some epsilon of the largest, so that the root of v is wrong by up to epsilon / (2 root)
// and that of a rounded zero by the root of epsilon. The sum of those bounds says whether
// this will do; it does unless covariances are nearly singular or the sets nearly equal.
std::optional<Bounded> quick_covariance_part(const FeatureStatistics& a,
                                             const FeatureStatistics& b) {
  if (a.keeps_rows() || b.keeps_rows() || a.dims() < small_problem) return std::nullopt;
  const auto values = product_eigenvalues(a.covariance, b.covariance);
  if (!values) return std::nullopt;
  const double step = 8 * std::numeric_limits<double>::epsilon() * values->back();
  if (values->front() < -step) return std::nullopt;
  Bounded part{0, 0};
  for (std::size_t i = 0; i < values->size(); ++i) {
    const double root = std::sqrt(std::max((*values)[i], 0.0));
    part.value += a.covariance(i, i) + b.covariance(i, i) - 2 * root;
    part.error += 2 * std::min(std::sqrt(step), step / (2 * root));
  }
  return part;
}

void need_covariance(const FeatureStatistics& s) {
  if (s.holds_nothing()) throw Error(s.source + ": holds no images");
  if (s.count == 1)
    throw Error(s.source + ": one image has no covariance: at least two are needed");
}

}  // namespace

double frechet_distance(const FeatureStatistics& a, const FeatureStatistics& b) {
  need_covariance(a);
  need_covariance(b);
  check_same_provenance(a, b);
  double means = 0;
  for (std::size_t j = 0; j < a.dims(); ++j)
    means += (a.mean[j] - b.mean[j]) * (a.mean[j] - b.mean[j]);
  if (const auto quick = quick_covariance_part(a, b)) {
    const double distance = means + quick->value;
    if (quick->error < tolerated_error * distance) return distance;
  }
  return exact_distance(means, a, b);
}

namespace {

Metric frechet_of(FeatureKind kind, const std::string& key) {
  return {.kind = kind,
          .of_real = Account::moments,
          .of_fake = Account::moments,
          .evaluate = [kind, key](const FeatureSet& real, const FeatureSet& fake) {
            return std::vector<MetricValue>{
                {key, frechet_distance(real.moments.at(kind), fake.moments.at(kind))}};
          }};
}

}  // namespace

Metric frechet_metric(Params&, const std::uint64_t&) {
  return frechet_of(FeatureKind::features, "frechet_distance");
}

Metric spatial_frechet_metric(Params&, const std::uint64_t&) {
  return frechet_of(FeatureKind::spatial, "spatial_frechet_distance");
}

}  // namespace diffusion
