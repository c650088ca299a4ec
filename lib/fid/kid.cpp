#include "lib/fid/kid.hpp"

#include <algorithm>

#include "lib/fid/draws.hpp"
#include "lib/fid/pairs.hpp"

namespace diffusion {
namespace {

std::vector<double> over_subsets(const RowsView& real, const RowsView& fake, std::size_t subsets,
                                 std::size_t size, std::uint64_t seed) {
  if (size == real.count && size == fake.count)  // each subset is the whole
    return std::vector<double>(subsets, kernel_distance(real, fake));
  std::vector<double> values;
  for (std::uint64_t s = 0; s < subsets; ++s) {
    const Tensor x =
        select(real, draw_subset({seed, DrawPurpose::kid_of_real, s}, real.count, size));
    const Tensor y =
        select(fake, draw_subset({seed, DrawPurpose::kid_of_fake, s}, fake.count, size));
    values.push_back(kernel_distance(rows_of(x), rows_of(y)));
  }
  return values;
}

std::size_t positive(Params& params, const std::string& key, std::int64_t fallback,
                     std::int64_t least) {
  const std::int64_t value = params.integer(key, fallback);
  if (value < least) params.refuse(key, "must be at least " + std::to_string(least));
  return std::size_t(value);
}

}  // namespace

double kernel_distance(const RowsView& real, const RowsView& fake) {
  const double scale = 1 / double(real.dims);
  const auto kernel = [scale](std::size_t, std::size_t, double product) {
    const double base = product * scale + 1;
    return base * base * base;
  };
  const double n = double(real.count), m = double(fake.count);
  // Each pair of one set counts twice, i with j and j with i.
  const double within_real = 2 * kernel_sum(real, real, PairSpan::lower, kernel);
  const double within_fake = 2 * kernel_sum(fake, fake, PairSpan::lower, kernel);
  const double across = kernel_sum(real, fake, PairSpan::all, kernel);
  return within_real / (n * (n - 1)) + within_fake / (m * (m - 1)) - 2 * across / (n * m);
}

Metric kid_metric(Params& params, const std::uint64_t& seed) {
  const std::size_t subsets = positive(params, "subsets", 100, 1);
  const std::size_t size = positive(params, "size", 1000, 2);
  const auto evaluate = [=](const FeatureSet& real, const FeatureSet& fake) {
    need_images(real, FeatureKind::features, 2);
    need_images(fake, FeatureKind::features, 2);
    const RowsView x = real.rows.at(FeatureKind::features), y = fake.rows.at(FeatureKind::features);
    const MeanAndDeviation kid =
        mean_and_deviation(over_subsets(x, y, subsets, std::min({size, x.count, y.count}), seed));
    return std::vector<MetricValue>{{"kid_mean", kid.mean}, {"kid_std", kid.deviation}};
  };
  return {.of_real = Account::rows, .of_fake = Account::rows, .evaluate = evaluate};
}

Metric kid_full_metric(Params&, const std::uint64_t&) {
  const auto evaluate = [](const FeatureSet& real, const FeatureSet& fake) {
    need_images(real, FeatureKind::features, 2);
    need_images(fake, FeatureKind::features, 2);
    return std::vector<MetricValue>{{"kid", kernel_distance(real.rows.at(FeatureKind::features),
                                                            fake.rows.at(FeatureKind::features))}};
  };
  return {.of_real = Account::rows, .of_fake = Account::rows, .evaluate = evaluate};
}

}  // namespace diffusion
