#include "lib/fid/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "lib/base/error.hpp"
#include "lib/base/json_at.hpp"
#include "lib/fid/metrics/bootstrap.hpp"
#include "lib/fid/reading_record.hpp"

namespace diffusion {
namespace {

bool ready(const std::optional<OpenSet>& set) {
  return set && std::holds_alternative<ReadyRows>(set->source);
}
bool ready(const SetComparisonPlan& plan) { return ready(plan.real) || ready(plan.fake); }

/// Why the sets cannot give what the metric needs.
std::optional<std::string> obstacle(SetReader& reader, const SetComparisonPlan& plan,
                                    const Metric& metric) {
  if (metric.of_real && plan.real) {
    const auto reason = reader.lacks(*plan.real, {metric.kind, *metric.of_real});
    if (reason) return reason;
    if (!plan.fake) return std::nullopt;  // halves of the reference
  }
  if (metric.of_real && !plan.real) return "needs two sets, REAL and FAKE";
  return plan.fake ? reader.lacks(*plan.fake, {metric.kind, metric.of_fake}) : std::nullopt;
}

/// Ready rows stand for whatever a metric asks of them, but only one kind at a time.
std::optional<std::string> other_kind(const SetComparisonPlan& plan, const Metric& metric) {
  for (const auto* set : {&plan.real, &plan.fake}) {
    const bool looked_at = set == &plan.fake || metric.of_real.has_value();
    if (!looked_at || !ready(*set)) continue;
    const auto before = std::ranges::find_if(
        plan.metrics, [&](const Metric& other) { return other.kind != metric.kind; });
    if (before != plan.metrics.end())
      return "needs " + name_of(metric.kind) + ", and the rows of " + (*set)->data +
             " are already taken for the " + name_of(before->kind) + " of " + before->name;
  }
  return std::nullopt;
}

bool wants_all(const ComparisonRequest& request) { return request.metrics == "all"; }

void choose_metrics(SetReader& reader, const ComparisonRequest& request, SetComparisonPlan& plan) {
  const bool all = wants_all(request);
  const auto asked = all ? all_metrics(request.seed) : make_metrics(request.metrics, request.seed);
  for (const Metric& metric : asked) {
    const bool other = metric.kind != FeatureKind::features;
    if (all && other && ready(plan)) continue;
    auto reason = obstacle(reader, plan, metric);
    if (!reason) reason = other_kind(plan, metric);
    if (!reason)
      plan.metrics.push_back(metric);
    else if (all)
      reader.hooks().say(metric.name + " left out: " + *reason);
    else
      throw Error(metric.name + ": " + *reason);
  }
}

/// What to keep of both sets; a bootstrap draws from rows.
void plan_accounts(const ComparisonRequest& request, SetComparisonPlan& plan) {
  const auto add = [&](std::vector<Keep>& keep, const std::optional<OpenSet>& set, Keep wanted) {
    keep.push_back(wanted);
    const bool rows = set && !std::holds_alternative<SetStatistics>(set->source);
    if (request.resamples > 0 && rows) keep.push_back({wanted.kind, Account::rows});
  };
  for (const Metric& metric : plan.metrics) {
    if (metric.of_real) add(plan.of_real, plan.real, {metric.kind, *metric.of_real});
    add(plan.of_fake, plan.fake, {metric.kind, metric.of_fake});
    // Halves of the reference take the places of both sets.
    if (request.floor) plan.of_real.push_back({metric.kind, metric.of_fake});
  }
}

/// What is known of the one set's features the other's are held to, before all of it is read.
void expect_same_width(SetComparisonPlan& plan) {
  if (!plan.real || !plan.fake) return;
  plan.fake->beside = known_width(*plan.real);
  plan.real->beside = known_width(*plan.fake);
  if (plan.real->beside && plan.fake->beside)
    check_same_width(*plan.fake->beside, *plan.real->beside);
}

}  // namespace

bool judge_samples_alone(const std::string& metrics) {
  const auto asked = make_metrics(metrics == "all" ? "frechet" : metrics, 0);
  return std::ranges::none_of(asked, [](const Metric& m) { return m.of_real.has_value(); });
}

SetComparisonPlan plan_comparison(SetReader& reader, const ComparisonRequest& request) {
  const bool pair = !request.fake.empty();
  SetComparisonPlan plan;
  if (pair || request.floor) plan.real = reader.open(request.real);
  if (pair || !request.floor) plan.fake = reader.open(pair ? request.fake : request.real);
  // Beside ready rows images would give other features.
  for (auto* set : {&plan.real, &plan.fake})
    if (*set && ready(plan)) (*set)->images_beside = false;
  choose_metrics(reader, request, plan);
  plan_accounts(request, plan);
  if (plan.real && plan.fake)  // before anything is read
    check_same_origin({plan.real->data, reader.provenance_of(*plan.real)},
                      {plan.fake->data, reader.provenance_of(*plan.fake)});
  expect_same_width(plan);
  return plan;
}

namespace {

/// The metrics of one pair of sets, as they are computed.
struct PairEvaluation {
  const ReadingHooks& hooks;
  const ComparisonRequest& request;
  const FeatureSet &real, &fake;
  std::set<std::string>& computed;

  std::vector<MetricValue> values(const Metric& metric) const;
  void add_intervals(const Metric& metric, std::vector<MetricValue>& values) const;
};

std::vector<MetricValue> PairEvaluation::values(const Metric& metric) const {
  try {
    auto values = metric.evaluate(real, fake);
    for (const MetricValue& value : values)
      if (!std::isfinite(value.value))
        throw Error(value.name + " is not finite: the features are too large for it");
    computed.insert(metric.name);
    return values;
  } catch (const Error& e) {
    if (!wants_all(request)) throw;
    hooks.say(metric.name + " left out: " + e.what());
    return {};
  }
}

void PairEvaluation::add_intervals(const Metric& metric, std::vector<MetricValue>& values) const {
  if (request.resamples == 0 || values.empty()) return;
  if (metric.resampling == Resampling::misleading)
    return hooks.say(metric.name + ": no intervals: repeated images would change what is near");
  const Advance advance = hooks.begin(metric.name, request.resamples, "resamples");
  const auto intervals = bootstrap_intervals(std::span(&metric, 1), values, real, fake,
                                             {request.resamples, request.seed, advance});
  for (const Interval& interval : intervals) {
    values.push_back({interval.name + "_low", interval.low});
    values.push_back({interval.name + "_high", interval.high});
  }
}

void append(std::vector<MetricValue>& to, std::vector<MetricValue> values) {
  to.insert(to.end(), std::make_move_iterator(values.begin()),
            std::make_move_iterator(values.end()));
}

std::vector<MetricValue> values_of_sets(const std::vector<Metric>& metrics,
                                        const PairEvaluation& evaluation) {
  check_comparable(evaluation.real, evaluation.fake);
  std::vector<MetricValue> all;
  for (const Metric& metric : metrics) {
    auto values = evaluation.values(metric);
    evaluation.add_intervals(metric, values);
    append(all, std::move(values));
  }
  if (all.empty()) throw Error("none of the metrics can be had of these sets");
  return all;
}

std::vector<MetricValue> values_of_halves(const std::vector<Metric>& metrics,
                                          const PairEvaluation& evaluation) {
  std::vector<MetricValue> all;
  for (const Metric& metric : metrics)
    for (MetricValue& value : evaluation.values(metric)) {
      value.name += "_floor";
      all.push_back(std::move(value));
    }
  return all;
}

}  // namespace

ComparedSets compare_sets(SetReader& reader, SetComparisonPlan plan,
                          const ComparisonRequest& request) {
  const FeatureSet nothing;  // beside samples that are judged alone
  ComparedSets out;
  Gathered real;
  if (plan.real)
    real = gather(reader, *std::move(plan.real), plan.of_real,
                  request.floor ? Halves::both : Halves::none);
  if (plan.fake) out.fake = gather(reader, *std::move(plan.fake), plan.of_fake, Halves::none).all;
  if (plan.real) out.real = std::move(real.all);
  if (out.fake)
    out.values = values_of_sets(
        plan.metrics,
        {reader.hooks(), request, out.real ? *out.real : nothing, *out.fake, out.computed});
  if (request.floor) {
    append(out.values, values_of_halves(plan.metrics, {reader.hooks(), request, real.halves[0],
                                                       real.halves[1], out.computed}));
    out.halved = real.halves[1].count;
  }
  return out;
}

std::string features_of(const FeatureSet& set) {
  const auto features = JsonAt(set.provenance, "provenance").find("features");
  return features ? features->text() : "";
}

Json account_of_features(const FeatureSet& set, const ImageSetOptions& images) {
  const std::string name = features_of(set);
  Json account = {{"features", name.empty() ? "ready" : name}};
  for (const auto& [key, value] : set.provenance.items())
    if (key == "precision")
      account["feature_precision"] = value;  // there is a metric of that name
    else if (key != "tool" && !is_of_arrays(key))
      account[key] = value;
  const Json reading = reading_record(images);
  for (const auto& [key, value] : reading.items())
    if (is_of_arrays(key)) account[key] = value;
  return account;
}

std::optional<std::string> taken_for_granted(const FeatureSet& a, const FeatureSet& b) {
  if (features_of(a).empty() == features_of(b).empty()) return std::nullopt;
  const auto& [silent, known] = features_of(a).empty() ? std::tie(a, b) : std::tie(b, a);
  return silent.source + ": does not say what made its features; taken for " + features_of(known);
}

bool is_small_sample(const FeatureStatistics& set) {
  constexpr std::size_t small = 5000;  // images, whatever the features
  return set.count > 0 && set.count < std::max(small, set.dims() + 1);
}

const FeatureStatistics* smaller_sample(const ComparedSets& sets) {
  const auto of = [](const std::optional<FeatureSet>& set) -> const FeatureStatistics* {
    if (!set) return nullptr;
    const auto found = set->moments.find(FeatureKind::features);
    return found == set->moments.end() ? nullptr : &found->second;
  };
  const auto *real = of(sets.real), *fake = of(sets.fake);
  if (!real || !fake) return real;
  return sets.fake->count > 0 && sets.fake->count < sets.real->count ? fake : real;
}

}  // namespace diffusion
