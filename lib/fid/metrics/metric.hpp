// The interface of every metric, and the registry of metrics.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/params.hpp"
#include "lib/base/registry.hpp"
#include "lib/fid/feature_set.hpp"

namespace diffusion {

struct MetricValue {
  std::string name;  // key of the output: "frechet_distance"
  double value;
};

/// Whether a set drawn from the set, with repetitions, stands for another set: not so
/// where distances between its own images decide.
enum class Resampling { sound, misleading };

/// A metric with its parameters.
struct Metric {
  FeatureKind kind = FeatureKind::features;
  std::optional<Account> of_real;  // none: it looks at the samples alone
  Account of_fake;
  Resampling resampling = Resampling::sound;
  /// Both sets hold `kind` as asked; `real` may be empty where it is not looked at. Throws
  /// Error that begins with the source of the set where it is too small.
  std::function<std::vector<MetricValue>(const FeatureSet& real, const FeatureSet& fake)> evaluate;
  /// The parameters that sets of so many images cut or choose, as they were used. Where it is
  /// not set there are none.
  std::function<ResolvedParams(std::size_t real, std::size_t fake)> settled = {};
  std::string name = {};  // of its row
  ResolvedParams params = {};
};

/// A row of the registry: a new metric is one file and one row in metric.cpp.
struct MetricFamily {
  std::string name, summary, reference;
  Metric (*make)(Params& params, const std::uint64_t& seed);

  static std::span<const Synonym> synonyms();
};

std::span<const MetricFamily> metric_families();

/// The parameters that a metric knows.
std::vector<Parameter> metric_parameters(const MetricFamily& row);

/// `specs`: "frechet,kid:subsets=50,size=500,cmmd"; what has no name of its own belongs to
/// the metric before it. Throws Error that lists the metrics there are; "all" is none.
std::vector<Metric> make_metrics(std::string_view specs, std::uint64_t seed);

/// All there are, with their defaults.
std::vector<Metric> all_metrics(std::uint64_t seed);

struct MeanAndDeviation {
  double mean, deviation;
};

/// Of one value at least, with divisor values.size(), as NumPy's std has it.
MeanAndDeviation mean_and_deviation(std::span<const double> values);

/// Throws Error when the set has fewer than `least` images.
void need_images(const FeatureSet& set, FeatureKind kind, std::size_t least);

}  // namespace diffusion
