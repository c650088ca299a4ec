// How far metrics would scatter if the images were drawn anew.
// Efron 1979, "Bootstrap Methods: Another Look at the Jackknife".
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "lib/fid/metrics/metric.hpp"

namespace diffusion {

struct Bootstrap {
  std::size_t resamples;
  std::uint64_t seed;
  std::function<void(std::size_t done)> progress;
};

struct Interval {
  std::string name;  // of the value
  double low, high;
};

/// 95% intervals of what the metrics gave (`values`, in their order) for these sets. Both
/// sets are drawn anew, with repetitions, as DrawPurpose::bootstrap_of_real and _fake
/// number r say; a set without its rows stays as it is. Repetitions bias most metrics,
/// always the same way, so the 2.5% and 97.5% percentiles are moved by what brings the mean
/// of the resamples to the value itself: the interval tells the scatter at this number of
/// images, and nothing of its bias.
std::vector<Interval> bootstrap_intervals(std::span<const Metric> metrics,
                                          std::span<const MetricValue> values,
                                          const FeatureSet& real, const FeatureSet& fake,
                                          const Bootstrap& plan);

}  // namespace diffusion
