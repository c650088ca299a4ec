#include "tools/fid/compare.hpp"

#include <chrono>

#include "lib/base/error.hpp"
#include "lib/fid/comparison.hpp"

namespace diffusion {
namespace {

using Clock = std::chrono::steady_clock;

ComparisonRequest request_of(const FidRun& run) {
  const FidOptions& options = run.options;
  const bool pair = !options.fake.empty();
  if (options.real.empty() || (!pair && !options.floor && !judge_samples_alone(options.metrics)))
    throw Error("name two sets, REAL and FAKE (or one with --floor)");
  return {.real = options.real,
          .fake = options.fake,
          .metrics = options.metrics,
          .seed = run.tool.common().seed,
          .floor = options.floor,
          .resamples = options.resamples};
}

/// What made the features: their name; in JSON all that is known.
void add_provenance(const FidRun& run, Json& report, const FeatureSet& set) {
  const Json account = account_of_features(set, run.options.images);
  if (run.json)
    report.update(account);
  else
    report["features"] = account["features"];
}

Json number_of_images(const FeatureSet& set) {
  return set.count == 0 ? Json(nullptr) : Json(set.count);
}

Json to_json(const ParamValue& value) {
  return std::visit([](const auto& plain) { return Json(plain); }, value);
}

/// What else the numbers depend on.
Json asked_of(const FidRun& run, const SetComparisonPlan& plan) {
  const FidOptions& options = run.options;
  Json asked = Json::object();
  if (plan.real) asked["real"] = plan.real->data;
  if (plan.fake) asked["fake"] = plan.fake->data;
  asked["seed"] = run.tool.common().seed;
  if (options.extent.most) asked["limit"] = *options.extent.most;
  if (options.extent.subset) asked["subset"] = *options.extent.subset;
  if (options.resamples > 0) asked["bootstrap"] = options.resamples;
  Json& metrics = asked["metrics"] = Json::object();
  for (const Metric& metric : plan.metrics) {
    Json& params = metrics[metric.name] = Json::object();
    for (const auto& [key, value] : metric.params) params[key] = to_json(value);
  }
  return asked;
}

/// What became of the parameters where the number of images decides; between halves of a set
/// beside another one under names of its own, as the values have.
void record_settled(Json& params, const Metric& metric, const ComparedSets& sets) {
  if (!metric.settled) return;
  if (sets.fake)
    for (const auto& [key, value] :
         metric.settled(sets.real ? sets.real->count : 0, sets.fake->count))
      params[key] = to_json(value);
  if (sets.halved)
    for (const auto& [key, value] : metric.settled(*sets.halved, *sets.halved))
      params[key + (sets.fake ? "_floor" : "")] = to_json(value);
}

Json report_of(const FidRun& run, const ComparedSets& sets) {
  Json report = Json::object();
  for (const MetricValue& value : sets.values) report[value.name] = number_to_json(value.value);
  const bool real_tells = sets.real && (!sets.fake || !features_of(*sets.real).empty());
  add_provenance(run, report, real_tells ? *sets.real : *sets.fake);
  if (sets.real) report["n_real"] = number_of_images(*sets.real);
  if (sets.fake) report["n_fake"] = number_of_images(*sets.fake);
  if (sets.halved) report["n_floor"] = *sets.halved;
  return report;
}

}  // namespace

cli::ExitCode show_comparison(FidRun& run) {
  const auto begun = Clock::now();
  const ComparisonRequest request = request_of(run);
  SetComparisonPlan plan = plan_comparison(run.reader, request);
  refuse_idle_reading(run);
  Json asked = asked_of(run, plan);
  const std::vector<Metric> metrics = plan.metrics;
  const ComparedSets sets = compare_sets(run.reader, std::move(plan), request);
  run.reader.conclude();
  for (const Metric& metric : metrics)
    if (sets.computed.contains(metric.name))
      record_settled(asked["metrics"][metric.name], metric, sets);
    else
      asked["metrics"].erase(metric.name);
  Json report = report_of(run, sets);
  if (run.json) report.update(asked);
  if (run.json) report["seconds"] = std::chrono::duration<double>(Clock::now() - begun).count();
  print_report(run, report);
  if (sets.real && sets.fake)
    if (const auto note = taken_for_granted(*sets.real, *sets.fake)) run.tool.say(*note);
  const auto* smaller = asked["metrics"].contains("frechet") ? smaller_sample(sets) : nullptr;
  if (smaller != nullptr) warn_of_size(run, *smaller);
  return run.ending();
}

}  // namespace diffusion
