#include "lib/fid/metric.hpp"

#include "lib/fid/frechet.hpp"

namespace diffusion {
namespace {

std::vector<MetricValue> frechet(const FeatureStatistics& real, const FeatureStatistics& fake) {
  return {{"frechet_distance", frechet_distance(real, fake)}};
}

}  // namespace

std::span<const Metric> metrics() {
  static const std::vector<Metric> rows = {
      {"frechet", "distance of two Gaussians fitted to the features; 0 is equal", "Heusel 2017",
       frechet},
  };
  return rows;
}

}  // namespace diffusion
