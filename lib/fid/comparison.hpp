// Two sets compared by metrics: what can be asked of them, what to keep for it, the answers.
#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lib/fid/gather.hpp"
#include "lib/fid/metrics/metric.hpp"

namespace diffusion {

struct ComparisonRequest {
  std::string real, fake;           // DATA; "" is not a set
  std::string metrics = "frechet";  // specs, or "all": those that can be had
  std::uint64_t seed = 0;           // of what metrics draw
  bool floor = false;               // also between the halves of `real`
  std::size_t resamples = 0;        // for intervals; 0: none
};

/// Whether the metrics of these specs need one set only, the samples.
bool judge_samples_alone(const std::string& metrics);

/// What is computed, and of which sets.
struct SetComparisonPlan {
  std::vector<Metric> metrics;
  std::optional<OpenSet> real, fake;
  std::vector<Keep> of_real, of_fake;
};

/// Opens the sets of a request. One set alone stands for `real` where `floor` is asked for, else
/// for the samples. Throws Error where a metric that was named cannot be had, or where
/// the sets are known to differ in what made their features.
SetComparisonPlan plan_comparison(SetReader& reader, const ComparisonRequest& request);

/// The answers, and the sets as far as they were kept.
struct ComparedSets {
  /// Of each metric its values, then the ends of their intervals ("kid_mean_low"); then the
  /// values between the halves ("frechet_distance_floor").
  std::vector<MetricValue> values;
  std::optional<FeatureSet> real, fake;
  std::optional<std::size_t> halved;  // images of the smaller half
  std::set<std::string> computed;     // names of the metrics that gave values
};

/// Throws Error where no metric can be computed, or one that was named cannot; of "all" such a
/// one is left out, and said to be.
ComparedSets compare_sets(SetReader& reader, SetComparisonPlan plan,
                          const ComparisonRequest& request);

/// "random-v1", or "" where nobody knows.
std::string features_of(const FeatureSet& set);

/// All that is known of what made a set's features: "features" first, else "ready". How arrays
/// were read is that of this run, `images`.
Json account_of_features(const FeatureSet& set, const ImageSetOptions& images);

/// "a.npy: does not say what made its features; taken for random-v1", where that holds of one
/// of both.
std::optional<std::string> taken_for_granted(const FeatureSet& a, const FeatureSet& b);

/// Whether a set has so few images that the Frechet distance is mostly bias: the distance of
/// two samples is too large on average, the more so the fewer they are.
bool is_small_sample(const FeatureStatistics& set);

/// Statistics of the features of that set which has fewer images; null where none were kept.
const FeatureStatistics* smaller_sample(const ComparedSets& sets);

}  // namespace diffusion
