#include "lib/fid/metrics/density_coverage.hpp"

#include <algorithm>
#include <numeric>

#include "lib/fid/metrics/precision_recall.hpp"

namespace diffusion {

Metric density_coverage_metric(Params& params, const std::uint64_t&) {
  const Neighbourhood hood = take_neighbourhood(params, 5, {"outside", "inside"});
  const auto evaluate = [hood](const FeatureSet& real, const FeatureSet& fake) {
    need_images(real, FeatureKind::features, hood.k + 1);
    need_images(fake, FeatureKind::features, 1);
    const RowsView x = real.rows.at(FeatureKind::features), y = fake.rows.at(FeatureKind::features);
    const BallCounts counts = count_in_balls(x, squared_radii(x, hood.k), y, hood.ties);
    const auto hits =
        std::accumulate(counts.balls_over.begin(), counts.balls_over.end(), std::size_t(0));
    const auto covered = std::ranges::count(counts.holds_any, 1);
    return std::vector<MetricValue>{{"density", double(hits) / (double(hood.k) * double(y.count))},
                                    {"coverage", double(covered) / double(x.count)}};
  };
  return {.of_real = Account::rows,
          .of_fake = Account::rows,
          .resampling = Resampling::misleading,
          .evaluate = evaluate};
}

}  // namespace diffusion
