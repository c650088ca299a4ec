#include "lib/fid/metrics/metric.hpp"

#include <algorithm>
#include <cmath>

#include "lib/base/error.hpp"
#include "lib/base/registry.hpp"
#include "lib/base/text.hpp"
#include "lib/fid/metrics/cmmd.hpp"
#include "lib/fid/metrics/density_coverage.hpp"
#include "lib/fid/metrics/frechet.hpp"
#include "lib/fid/metrics/frechet_infinity.hpp"
#include "lib/fid/metrics/inception_score.hpp"
#include "lib/fid/metrics/kid.hpp"
#include "lib/fid/metrics/precision_recall.hpp"

namespace diffusion {

std::span<const MetricFamily> metric_families() {
  static const std::vector<MetricFamily> rows = {
      {"frechet", "distance of two Gaussians fitted to the features; 0 is equal", "Heusel 2017",
       frechet_metric},
      {"spatial_frechet", "the same of features that keep their place in the image (sFID)",
       "Nash 2021", spatial_frechet_metric},
      {"frechet_infinity", "the Frechet distance extrapolated to infinitely many samples",
       "Chong 2020", frechet_infinity_metric},
      {"kid", "squared maximum mean discrepancy, polynomial kernel: mean over subsets",
       "Binkowski 2018", kid_metric},
      {"kid_full", "the same of all pairs at once: unbiased, and without a draw", "Binkowski 2018",
       kid_full_metric},
      {"cmmd", "squared maximum mean discrepancy, Gaussian kernel, for CLIP embeddings",
       "Jayasumana 2024", cmmd_metric},
      {"inception_score", "how sure a classifier is of each sample, and how various of all",
       "Salimans 2016", inception_score_metric},
      {"precision_recall", "samples among the real images, and real ones among the samples",
       "Kynkaanniemi 2019", precision_recall_metric},
      {"density_coverage", "the same, robust against outliers", "Naeem 2020",
       density_coverage_metric},
  };
  return rows;
}

std::span<const Synonym> MetricFamily::synonyms() {
  static constexpr Synonym names[] = {
      {"fid", "frechet"},          {"fid-infinity", "frechet_infinity"},
      {"sfid", "spatial_frechet"}, {"isc", "inception_score"},
      {"is", "inception_score"},   {"prc", "precision_recall"}};
  return names;
}

std::vector<Parameter> metric_parameters(const MetricFamily& row) {
  return parameters_of(row, std::uint64_t(0));
}

std::vector<Metric> make_metrics(std::string_view specs, std::uint64_t seed) {
  std::vector<Metric> metrics;
  for (const std::string& spec : split_specs(specs)) {
    if (spec == "all") throw Error("metric 'all': stands alone, for every metric there is");
    Params params = params_of_row(metric_families(), spec);
    Metric metric = find_row(metric_families(), params.name(), "metric").make(params, seed);
    params.finish();
    metric.name = params.name();
    metric.params = params.resolved();
    if (std::ranges::find(metrics, metric.name, &Metric::name) != metrics.end())
      throw Error("metric '" + metric.name + "': is asked for twice");
    metrics.push_back(std::move(metric));
  }
  return metrics;
}

std::vector<Metric> all_metrics(std::uint64_t seed) {
  std::string specs;
  for (const MetricFamily& row : metric_families()) specs += (specs.empty() ? "" : ",") + row.name;
  return make_metrics(specs, seed);
}

MeanAndDeviation mean_and_deviation(std::span<const double> values) {
  MeanAndDeviation out{values.front(), 0};  // differences: exact where all are equal
  for (const double value : values) out.mean += (value - values.front()) / double(values.size());
  for (const double value : values)
    out.deviation += (value - out.mean) * (value - out.mean) / double(values.size());
  out.deviation = std::sqrt(out.deviation);
  return out;
}

void need_images(const FeatureSet& set, FeatureKind kind, std::size_t least) {
  const std::size_t count = set.rows.at(kind).count;
  if (count < least)
    throw Error(set.source + ": " + std::to_string(count) + " images where at least " +
                std::to_string(least) + " are needed");
}

}  // namespace diffusion
