#include "lib/fid/metrics/frechet_infinity.hpp"

#include <algorithm>

#include "lib/base/interrupt.hpp"
#include "lib/fid/metrics/draws.hpp"
#include "lib/fid/metrics/frechet.hpp"

namespace diffusion {
namespace {

struct Plan {
  std::size_t points, least;  // least 0: a tenth
  std::uint64_t seed;

  std::size_t least_of(std::size_t n) const {
    return least > 0 ? least : std::max<std::size_t>(2, n / 10);
  }
};

/// Least squares: the value at x = 0.
double intercept(const std::vector<double>& x, const std::vector<double>& y) {
  const MeanAndDeviation of_x = mean_and_deviation(x), of_y = mean_and_deviation(y);
  double together = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    together += (x[i] - of_x.mean) * (y[i] - of_y.mean) / double(x.size());
  return of_y.mean - together / (of_x.deviation * of_x.deviation) * of_x.mean;
}

double distance_of_part(const FeatureStatistics& real, const FeatureSet& fake,
                        const std::vector<std::size_t>& part) {
  StatisticsAccumulator accumulator(fake.source);
  accumulator.add(select(fake.rows.at(FeatureKind::features), part));
  return frechet_distance(real, std::move(accumulator).finish(fake.provenance));
}

double extrapolate(const FeatureStatistics& real, const FeatureSet& fake, const Plan& plan) {
  const std::size_t n = fake.count;
  const std::size_t least = plan.least_of(n);
  std::vector<double> inverse, distance;
  for (std::size_t p = 0; p < plan.points; ++p) {
    stop_if_interrupted();
    const std::size_t size = least + (n - least) * p / (plan.points - 1);
    const auto part = draw_subset({plan.seed, DrawPurpose::infinity, p}, n, size);
    inverse.push_back(1 / double(size));
    distance.push_back(distance_of_part(real, fake, part));
  }
  return intercept(inverse, distance);
}

}  // namespace

Metric frechet_infinity_metric(Params& params, const std::uint64_t& seed) {
  const std::int64_t points = params.integer("points", 15), least = params.integer("least", 0);
  if (points < 2) params.refuse("points", "must be at least 2");
  if (least < 0 || least == 1) params.refuse("least", "must be at least 2, or 0 for a tenth");
  const Plan plan{std::size_t(points), std::size_t(least), seed};
  const auto evaluate = [plan](const FeatureSet& real, const FeatureSet& fake) {
    need_images(fake, FeatureKind::features, std::max<std::size_t>(3, plan.least + 1));
    return std::vector<MetricValue>{
        {"frechet_infinity", extrapolate(real.moments.at(FeatureKind::features), fake, plan)}};
  };
  const auto settled = [plan](std::size_t, std::size_t of_fake) {
    return ResolvedParams{{"least", std::int64_t(plan.least_of(of_fake))}};
  };
  return {.of_real = Account::moments,
          .of_fake = Account::rows,
          .evaluate = evaluate,
          .settled = settled};
}

}  // namespace diffusion
