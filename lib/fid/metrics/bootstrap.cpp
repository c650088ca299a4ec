#include "lib/fid/metrics/bootstrap.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "lib/base/interrupt.hpp"
#include "lib/fid/metrics/draws.hpp"

namespace diffusion {
namespace {

FeatureSet drawn_anew(const FeatureSet& set, const Draw& draw) {
  return set.rows.empty() ? set : select(set, draw_resample(draw, set.count));
}

/// Between the two nearest of the sorted values.
double percentile(const std::vector<double>& sorted, double part) {
  const double place = part * double(sorted.size() - 1);
  const auto below = std::size_t(place);
  const auto above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - double(below)) * (sorted[above] - sorted[below]);
}

Interval interval_around(const MetricValue& value, std::vector<double> resampled) {
  const double move = value.value - mean_and_deviation(resampled).mean;
  std::ranges::sort(resampled);
  return {value.name, percentile(resampled, 0.025) + move, percentile(resampled, 0.975) + move};
}

}  // namespace

std::vector<Interval> bootstrap_intervals(std::span<const Metric> metrics,
                                          std::span<const MetricValue> values,
                                          const FeatureSet& real, const FeatureSet& fake,
                                          const Bootstrap& plan) {
  std::vector<std::vector<double>> resampled(values.size());
  for (std::uint64_t r = 0; r < plan.resamples; ++r) {
    stop_if_interrupted();
    const FeatureSet x = drawn_anew(real, {plan.seed, DrawPurpose::bootstrap_of_real, r});
    const FeatureSet y = drawn_anew(fake, {plan.seed, DrawPurpose::bootstrap_of_fake, r});
    std::size_t at = 0;
    for (const Metric& metric : metrics)
      for (const MetricValue& value : metric.evaluate(x, y)) {
        assert(value.name == values[at].name);
        resampled[at++].push_back(value.value);
      }
    plan.progress(r + 1);
  }
  std::vector<Interval> intervals;
  for (std::size_t i = 0; i < values.size(); ++i)
    intervals.push_back(interval_around(values[i], std::move(resampled[i])));
  return intervals;
}

}  // namespace diffusion
