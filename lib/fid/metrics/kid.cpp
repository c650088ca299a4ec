#include "lib/fid/metrics/kid.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

#include "lib/fid/metrics/draws.hpp"
#include "lib/fid/metrics/numpy_draws.hpp"
#include "lib/fid/metrics/pairs.hpp"

namespace diffusion {
namespace {

enum class Draws { by_seed, torch_fidelity };

struct Plan {
  std::size_t subsets, size;
  Draws draws;
  std::uint64_t seed;
};

using Indices = std::vector<std::size_t>;

/// The rows of each subset of both sets, in the order of the subsets.
std::function<std::pair<Indices, Indices>(std::uint64_t subset)> chooser(const Plan& plan,
                                                                         std::size_t of_real,
                                                                         std::size_t of_fake) {
  if (plan.draws == Draws::torch_fidelity)  // one stream, and first the reference's
    return [=, numpy = NumpyDraws(torch_fidelity_seed)](std::uint64_t) mutable {
      Indices real = numpy.choice(of_real, plan.size);
      return std::pair(std::move(real), numpy.choice(of_fake, plan.size));
    };
  return [=](std::uint64_t s) {
    return std::pair(draw_subset({plan.seed, DrawPurpose::kid_of_real, s}, of_real, plan.size),
                     draw_subset({plan.seed, DrawPurpose::kid_of_fake, s}, of_fake, plan.size));
  };
}

std::vector<double> over_subsets(const RowsView& real, const RowsView& fake, const Plan& plan) {
  if (plan.size == real.count && plan.size == fake.count)  // each subset is the whole
    return std::vector<double>(plan.subsets, kernel_distance(real, fake));
  const auto choose = chooser(plan, real.count, fake.count);
  std::vector<double> values;
  for (std::uint64_t s = 0; s < plan.subsets; ++s) {
    const auto [of_real, of_fake] = choose(s);
    const Tensor x = select(real, of_real), y = select(fake, of_fake);
    values.push_back(kernel_distance(rows_of(x), rows_of(y)));
  }
  return values;
}

/// The component of each row, less the origin, along it: m.u/d.
std::vector<double> along(std::span<const double> origin, const RowsView& rows) {
  std::vector<double> out(rows.count);
  for (std::size_t i = 0; i < rows.count; ++i)
    for (std::size_t j = 0; j < rows.dims; ++j)
      out[i] += origin[j] * (double(rows.row(i)[j]) - origin[j]) / double(rows.dims);
  return out;
}

struct Side {
  const RowsView& rows;
  const std::vector<double>& along;
};

std::size_t positive(Params& params, const std::string& key, std::int64_t fallback,
                     std::int64_t least) {
  const std::int64_t value = params.integer(key, fallback);
  if (value < least) params.refuse(key, "must be at least " + std::to_string(least));
  return std::size_t(value);
}

}  // namespace

// Of rows m + u and m + v the kernel is (A + p + q + c)^3, with A = m.m/d + 1, p = m.u/d,
// q = m.v/d and c = u.v/d. What depends on one row alone, (A + p)^3 and (A + q)^3, falls out of
// the estimate; where m is large it would take all digits with it. What is left is
// 3 p q (2 A + p + q) + c (3 B (B + c) + c^2), with B = A + p + q.
double kernel_distance(const RowsView& real, const RowsView& fake) {
  const std::vector<double> origin = common_origin(real, fake);
  const double d = double(real.dims);
  const double a = std::inner_product(origin.begin(), origin.end(), origin.begin(), 0.0) / d + 1;
  const std::vector<double> of_real = along(origin, real), of_fake = along(origin, fake);
  const auto sum = [&](const Side& x, const Side& y, PairSpan span) {
    return kernel_sum({x.rows, y.rows, span, origin},
                      [&](std::size_t i, std::size_t j, double product) {
                        const double p = x.along[i], q = y.along[j], c = product / d;
                        const double b = a + p + q;
                        return 3 * p * q * (a + b) + c * (3 * b * (b + c) + c * c);
                      });
  };
  const Side x{real, of_real}, y{fake, of_fake};
  const double n = double(real.count), m = double(fake.count);
  // Each pair of one set counts twice, i with j and j with i.
  return 2 * sum(x, x, PairSpan::lower) / (n * (n - 1)) +
         2 * sum(y, y, PairSpan::lower) / (m * (m - 1)) - 2 * sum(x, y, PairSpan::all) / (n * m);
}

Metric kid_metric(Params& params, const std::uint64_t& seed) {
  const std::size_t subsets = positive(params, "subsets", 100, 1);
  const bool chosen = params.has("size");  // then it is not cut
  const std::size_t size = positive(params, "size", 1000, 2), least = chosen ? size : 2;
  const Draws draws = params.choice("draws", {"seed", "torch-fidelity"}) == "seed"
                          ? Draws::by_seed
                          : Draws::torch_fidelity;
  const auto used = [=](std::size_t of_real, std::size_t of_fake) {
    return std::min({size, of_real, of_fake});
  };
  const auto evaluate = [=](const FeatureSet& real, const FeatureSet& fake) {
    need_images(real, FeatureKind::features, least);
    need_images(fake, FeatureKind::features, least);
    const RowsView x = real.rows.at(FeatureKind::features), y = fake.rows.at(FeatureKind::features);
    const Plan plan{subsets, used(x.count, y.count), draws, seed};
    const MeanAndDeviation kid = mean_and_deviation(over_subsets(x, y, plan));
    return std::vector<MetricValue>{{"kid_mean", kid.mean}, {"kid_std", kid.deviation}};
  };
  const auto settled = [used](std::size_t of_real, std::size_t of_fake) {
    return ResolvedParams{{"size", std::int64_t(used(of_real, of_fake))}};
  };
  return {
      .of_real = Account::rows, .of_fake = Account::rows, .evaluate = evaluate, .settled = settled};
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
