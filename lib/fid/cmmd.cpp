#include "lib/fid/cmmd.hpp"

#include <algorithm>
#include <cmath>

#include "lib/fid/pairs.hpp"

namespace diffusion {
namespace {

/// Sum of the kernel over pairs.
double sum_of_kernel(const RowsView& a, const RowsView& b, PairSpan span, double sigma) {
  const std::vector<double> of_a = squared_lengths(a), of_b = squared_lengths(b);
  const auto kernel = [&](std::size_t i, std::size_t j, double product) {
    const double square = std::max(0.0, of_a[i] + of_b[j] - 2 * product);
    return std::exp(-square / (2 * sigma * sigma));
  };
  return kernel_sum(a, b, span, kernel);
}

/// Mean over all pairs of one set: each twice, and 1 for an image with itself.
double mean_within(const RowsView& a, double sigma) {
  const double n = double(a.count);
  return (2 * sum_of_kernel(a, a, PairSpan::lower, sigma) + n) / (n * n);
}

double mean_across(const RowsView& a, const RowsView& b, double sigma) {
  return sum_of_kernel(a, b, PairSpan::all, sigma) / (double(a.count) * double(b.count));
}

}  // namespace

Metric cmmd_metric(Params& params, const std::uint64_t&) {
  const double sigma = params.number("sigma", 10), scale = params.number("scale", 1000);
  if (!(sigma > 0)) params.refuse("sigma", "must be positive");
  const auto evaluate = [=](const FeatureSet& real, const FeatureSet& fake) {
    need_images(real, FeatureKind::features, 1);
    need_images(fake, FeatureKind::features, 1);
    const RowsView x = real.rows.at(FeatureKind::features), y = fake.rows.at(FeatureKind::features);
    const double squared =
        mean_within(x, sigma) + mean_within(y, sigma) - 2 * mean_across(x, y, sigma);
    return std::vector<MetricValue>{{"cmmd", scale * std::max(0.0, squared)}};
  };
  return {.of_real = Account::rows, .of_fake = Account::rows, .evaluate = evaluate};
}

}  // namespace diffusion
