#include "lib/fid/metrics/frechet.hpp"

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
/// Results are several hundred times nearer than the bound says: a distance of 46.4242
/// between 2,000 images each, bounded to 4e-4, was exact to 5e-7.
constexpr double tolerated_error = 1e-3;

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

/// Refuses a covariance with an eigenvalue clearly below zero.
void need_semidefinite(const FeatureStatistics& s) {
  Array raised = s.covariance;
  double largest = 0;
  for (std::size_t i = 0; i < s.dims(); ++i) largest = std::max(largest, std::abs(raised(i, i)));
  for (std::size_t i = 0; i < s.dims(); ++i) raised(i, i) += indefinite_tolerance * largest;
  if (largest > 0 && !cholesky(std::move(raised))) refuse_indefinite(s);
}

/// F (r x d) with F^T F = covariance.
Array covariance_factor(const FeatureStatistics& s) {
  if (s.keeps_rows()) return factor_of_rows(s);
  if (auto whole = cholesky(s.covariance)) return *std::move(whole);  // which is the proof
  need_semidefinite(s);
  return pivoted_cholesky(s.covariance);
}

double sum_of_squares(const Array& array) {
  return std::inner_product(array.begin(), array.end(), array.begin(), 0.0);
}

// The covariances' part is Tr(S1 + S2 - 2 (S1 S2)^(1/2)). With S1 = F1^T F1 and S2 = F2^T F2 the
// eigenvalues of S1 S2 are the squares of the singular values of F1 F2^T, so the trace of the root
// is their sum. No square root of a rounded eigenvalue is taken: the error stays near 1e-15 of the
// largest value even where covariances are singular, and with n < d the problem shrinks to n x n.
double exact_distance(double means, const Array& fa, const Array& fb) {
  const auto roots = singular_values(multiply_transposed(fa, fb));
  const double variances = sum_of_squares(fa) + sum_of_squares(fb);
  const double distance =
      means + variances - 2 * std::accumulate(roots.rbegin(), roots.rend(), 0.0);
  return distance < rounding * variances ? 0 : distance;
}

double trace(const FeatureStatistics& s) {
  if (s.keeps_rows()) return sum_of_squares(factor_of_rows(s));
  double sum = 0;
  for (std::size_t i = 0; i < s.dims(); ++i) sum += s.covariance(i, i);
  return sum;
}

/// The eigenvalues of S1 S2 that need not be zero, ascending, where S1 = factor^T factor.
std::vector<double> product_eigenvalues(const Array& factor, const FeatureStatistics& s) {
  if (!s.keeps_rows()) return eigenvalues(congruence(factor, s.covariance));
  const std::size_t r = factor.shape()[0];
  Array gram = xt::zeros<double>({r, r});
  add_gram(gram, multiply_transposed(factor_of_rows(s), factor));
  return eigenvalues(std::move(gram));
}

// The same from the eigenvalues themselves, in a quarter of the time. They are exact to
// some epsilon of the largest, so that the root of v is wrong by up to epsilon / (2 root)
// and that of a rounded zero by the root of epsilon. The sum of those bounds says whether
// this will do; it does unless covariances are nearly singular or the sets nearly equal.
std::optional<Bounded> quick_covariance_part(const Array& factor, const FeatureStatistics& b) {
  const auto values = product_eigenvalues(factor, b);
  const double step = 8 * std::numeric_limits<double>::epsilon() * values.back();
  if (values.front() < -step) return std::nullopt;
  // Beyond what the factor spans, these values say nothing of b.
  if (factor.shape()[0] < b.dims() && !b.keeps_rows()) need_semidefinite(b);
  Bounded part{sum_of_squares(factor) + trace(b), 0};
  for (const double value : values) {
    const double root = std::sqrt(std::max(value, 0.0));
    part.value -= 2 * root;
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
  // The fewer rows there are, the smaller the problem.
  const bool turned = b.keeps_rows() && !(a.keeps_rows() && a.count <= b.count);
  const FeatureStatistics &first = turned ? b : a, &second = turned ? a : b;
  const Array factor = covariance_factor(first);
  if (factor.shape()[0] >= small_problem) {
    const auto quick = quick_covariance_part(factor, second);
    if (quick && quick->error < tolerated_error * (means + quick->value))
      return means + quick->value;
  }
  return exact_distance(means, factor, covariance_factor(second));
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
