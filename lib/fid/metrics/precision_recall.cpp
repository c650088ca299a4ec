#include "lib/fid/metrics/precision_recall.hpp"

#include <algorithm>

namespace diffusion {
namespace {

/// Part of `rows` that lies in a ball around one of `centres`.
double part_inside(const RowsView& rows, const RowsView& centres, const Neighbourhood& hood) {
  const BallCounts counts =
      count_in_balls(centres, squared_radii(centres, hood.k), rows, hood.ties);
  const auto inside = std::ranges::count_if(counts.balls_over, [](auto n) { return n > 0; });
  return double(inside) / double(rows.count);
}

}  // namespace

Neighbourhood take_neighbourhood(Params& params, std::int64_t k,
                                 const std::vector<std::string>& choices) {
  const std::int64_t given = params.integer("k", k);
  if (given < 1) params.refuse("k", "must be at least 1");
  return {std::size_t(given),
          params.choice("ties", choices) == "inside" ? Ties::inside : Ties::outside};
}

Metric precision_recall_metric(Params& params, const std::uint64_t&) {
  const Neighbourhood hood = take_neighbourhood(params, 3, {"inside", "outside"});
  const auto evaluate = [hood](const FeatureSet& real, const FeatureSet& fake) {
    need_images(real, FeatureKind::features, hood.k + 1);
    need_images(fake, FeatureKind::features, hood.k + 1);
    const RowsView x = real.rows.at(FeatureKind::features), y = fake.rows.at(FeatureKind::features);
    return std::vector<MetricValue>{{"precision", part_inside(y, x, hood)},
                                    {"recall", part_inside(x, y, hood)}};
  };
  return {.of_real = Account::rows,
          .of_fake = Account::rows,
          .resampling = Resampling::misleading,
          .evaluate = evaluate};
}

}  // namespace diffusion
