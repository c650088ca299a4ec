#include "lib/fid/metrics/cmmd.hpp"

#include <algorithm>
#include <cmath>

#include "lib/fid/metrics/pairs.hpp"

namespace diffusion {
namespace {

/// Sum of the kernel over pairs.
double sum_of_kernel(const Pairs& pairs, double sigma) {
  const auto of_a = squared_lengths(pairs.a, pairs.origin);
  const auto of_b = squared_lengths(pairs.b, pairs.origin);
  const auto kernel = [&](std::size_t i, std::size_t j, double product) {
    const double square = std::max(0.0, of_a[i] + of_b[j] - 2 * product);
    return std::exp(-square / (2 * sigma * sigma));
  };
  return kernel_sum(pairs, kernel);
}

/// Mean over all pairs of one set: each twice, and 1 for an image with itself.
double mean_within(const RowsView& a, std::span<const double> origin, double sigma) {
  const double n = double(a.count);
  return (2 * sum_of_kernel({a, a, PairSpan::lower, origin}, sigma) + n) / (n * n);
}

double discrepancy(const RowsView& a, const RowsView& b, double sigma) {
  const auto origin = common_origin(a, b);
  const double across =
      sum_of_kernel({a, b, PairSpan::all, origin}, sigma) / (double(a.count) * double(b.count));
  return mean_within(a, origin, sigma) + mean_within(b, origin, sigma) - 2 * across;
}

}  // namespace

Metric cmmd_metric(Params& params, const std::uint64_t&) {
  const double sigma = params.number("sigma", 10), scale = params.number("scale", 1000);
  if (!(sigma > 0)) params.refuse("sigma", "must be positive");
  const auto evaluate = [=](const FeatureSet& real, const FeatureSet& fake) {
    need_images(real, FeatureKind::features, 1);
    need_images(fake, FeatureKind::features, 1);
    const RowsView x = real.rows.at(FeatureKind::features), y = fake.rows.at(FeatureKind::features);
    return std::vector<MetricValue>{{"cmmd", scale * std::max(0.0, discrepancy(x, y, sigma))}};
  };
  return {.of_real = Account::rows, .of_fake = Account::rows, .evaluate = evaluate};
}

}  // namespace diffusion
