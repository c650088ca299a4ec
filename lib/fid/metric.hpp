// What every metric looks like, and the list of those there are.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "lib/fid/statistics.hpp"

namespace diffusion {

struct MetricValue {
  std::string name;  // key of the output: "frechet_distance"
  double value;
};

/// A row of the registry: a new metric is one file and one row in registry.cpp.
struct Metric {
  std::string name, summary, reference;
  std::function<std::vector<MetricValue>(const FeatureStatistics& real,
                                         const FeatureStatistics& fake)>
      evaluate;
};

std::span<const Metric> metrics();

}  // namespace diffusion
