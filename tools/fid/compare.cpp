#include "tools/fid/compare.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <tuple>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/text.hpp"
#include "lib/fid/metrics/bootstrap.hpp"
#include "lib/fid/metrics/metric.hpp"

namespace diffusion {
namespace {

/// Below this many images the bias of the distance is large whatever the features.
constexpr std::size_t small_sample = 5000;

using Clock = std::chrono::steady_clock;

std::string feature_name(const FeatureSet& set) { return set.provenance.value("features", ""); }

void warn_of_provenance(const FidRun& run, const FeatureSet& a, const FeatureSet& b) {
  if (a.source.empty() || feature_name(a).empty() == feature_name(b).empty()) return;
  const auto& [silent, known] = feature_name(a).empty() ? std::tie(a, b) : std::tie(b, a);
  run.tool.say(silent.source + ": does not say what made its features; taken for " +
               feature_name(known));
}

/// What the command line asks for, and of which sets.
struct Question {
  std::vector<Metric> metrics;
  std::optional<OpenSet> real, fake;
  std::vector<Keep> of_real, of_fake;
  bool whole = false;  // "all": what cannot be had is left out
};

/// Why the sets cannot give what the metric needs.
std::optional<std::string> obstacle(FidRun& run, const Question& question, const Metric& metric) {
  if (metric.of_real && question.real) {
    const auto reason = lacks(run, *question.real, {metric.kind, *metric.of_real});
    if (reason) return reason;
    if (!question.fake) return std::nullopt;  // halves of the reference
  }
  if (metric.of_real && !question.real) return "needs two sets, REAL and FAKE";
  return question.fake ? lacks(run, *question.fake, {metric.kind, metric.of_fake}) : std::nullopt;
}

bool ready(const std::optional<OpenSet>& set) {
  return set && std::holds_alternative<ReadyRows>(set->source);
}
bool ready(const Question& question) { return ready(question.real) || ready(question.fake); }

/// Ready rows stand for whatever a metric asks of them, but only one kind at a time.
std::optional<std::string> other_kind(const Question& question, const Metric& metric) {
  for (const auto* set : {&question.real, &question.fake}) {
    const bool looked_at = set == &question.fake || metric.of_real.has_value();
    if (!looked_at || !ready(*set)) continue;
    const auto before = std::ranges::find_if(
        question.metrics, [&](const Metric& other) { return other.kind != metric.kind; });
    if (before != question.metrics.end())
      return "needs " + name_of(metric.kind) + ", and the rows of " + (*set)->data +
             " are already taken for the " + name_of(before->kind) + " of " + before->name;
  }
  return std::nullopt;
}

void choose_metrics(FidRun& run, Question& question) {
  const std::uint64_t seed = run.tool.common().seed;
  question.whole = run.options.metrics == "all";
  const auto asked = question.whole ? all_metrics(seed) : make_metrics(run.options.metrics, seed);
  for (const Metric& metric : asked) {
    const bool other = metric.kind != FeatureKind::features;
    if (question.whole && other && ready(question)) continue;
    auto reason = obstacle(run, question, metric);
    if (!reason) reason = other_kind(question, metric);
    if (!reason)
      question.metrics.push_back(metric);
    else if (question.whole)
      run.tool.say(metric.name + " left out: " + *reason);
    else
      throw Error(metric.name + ": " + *reason);
  }
}

/// What to keep of both sets; a bootstrap draws from rows.
void plan_accounts(const FidRun& run, Question& question) {
  const auto add = [&](std::vector<Keep>& keep, const std::optional<OpenSet>& set, Keep wanted) {
    keep.push_back(wanted);
    const bool rows = set && !std::holds_alternative<SetStatistics>(set->source);
    if (run.options.resamples > 0 && rows) keep.push_back({wanted.kind, Account::rows});
  };
  for (const Metric& metric : question.metrics) {
    if (metric.of_real) add(question.of_real, question.real, {metric.kind, *metric.of_real});
    add(question.of_fake, question.fake, {metric.kind, metric.of_fake});
    // Halves of the reference take the places of both sets.
    if (run.options.floor) question.of_real.push_back({metric.kind, metric.of_fake});
  }
}

Question open_question(FidRun& run) {
  const FidOptions& options = run.options;
  const bool pair = !options.fake.empty();
  if (options.real.empty()) throw Error("name two sets, REAL and FAKE (or one with --floor)");
  Question question;
  if (pair || options.floor) question.real = open_set(run, options.real);
  if (pair) question.fake = open_set(run, options.fake);
  if (!pair && !options.floor) {
    // A set alone: for metrics that look at the samples only.
    const auto asked = make_metrics(options.metrics == "all" ? "frechet" : options.metrics, 0);
    if (std::ranges::any_of(asked, [](const Metric& m) { return m.of_real.has_value(); }))
      throw Error("name two sets, REAL and FAKE (or one with --floor)");
    question.fake = open_set(run, options.real);
  }
  // Beside ready rows images would give other features.
  for (auto* set : {&question.real, &question.fake})
    if (*set && ready(question)) (*set)->images_beside = false;
  choose_metrics(run, question);
  plan_accounts(run, question);
  return question;
}

std::vector<MetricValue> evaluate(const FidRun& run, const Question& question, const Metric& metric,
                                  const FeatureSet& real, const FeatureSet& fake) {
  try {
    auto values = metric.evaluate(real, fake);
    for (const MetricValue& value : values)
      if (!std::isfinite(value.value))
        throw Error(value.name + " is not finite: the features are too large for it");
    return values;
  } catch (const Error& e) {
    if (!question.whole) throw;
    run.tool.say(metric.name + " left out: " + e.what());
    return {};
  }
}

void add_intervals(const FidRun& run, Json& report, const Metric& metric,
                   const std::vector<MetricValue>& values, const FeatureSet& real,
                   const FeatureSet& fake) {
  Progress progress(run.tool.progress(), metric.name, run.options.resamples, "resamples");
  const auto intervals = bootstrap_intervals(
      std::span(&metric, 1), values, real, fake,
      {run.options.resamples, run.tool.common().seed, [&](std::size_t r) { progress.update(r); }});
  for (const Interval& interval : intervals) {
    report[interval.name + "_low"] = number_to_json(interval.low);
    report[interval.name + "_high"] = number_to_json(interval.high);
  }
}

void add_metrics(const FidRun& run, Json& report, const Question& question, const FeatureSet& real,
                 const FeatureSet& fake) {
  check_comparable(real, fake);
  bool any = false;
  for (const Metric& metric : question.metrics) {
    const auto values = evaluate(run, question, metric, real, fake);
    any |= !values.empty();
    for (const MetricValue& value : values) report[value.name] = number_to_json(value.value);
    if (run.options.resamples == 0 || values.empty()) continue;
    if (metric.resampling == Resampling::misleading)
      run.tool.say(metric.name + ": no intervals: repeated images would change what is near");
    else
      add_intervals(run, report, metric, values, real, fake);
  }
  if (!any) throw Error("none of the metrics can be had of these sets");
}

void add_floor(const FidRun& run, Json& report, const Question& question,
               const std::vector<FeatureSet>& halves) {
  for (const Metric& metric : question.metrics)
    for (const MetricValue& value : evaluate(run, question, metric, halves[0], halves[1]))
      report[value.name + "_floor"] = number_to_json(value.value);
}

Json number_of_images(const FeatureSet& set) {
  return set.count == 0 ? Json(nullptr) : Json(set.count);
}

/// What made the features: their name first; in JSON all that is known.
void add_provenance(const FidRun& run, Json& report, const FeatureSet& set) {
  const std::string name = feature_name(set);
  report["features"] = name.empty() ? "ready" : name;
  if (!run.tool.common().json) return;
  for (const auto& [key, value] : set.provenance.items())
    if (key == "precision")
      report["feature_precision"] = value;  // there is a metric of that name
    else if (key != "features" && key != "tool")
      report[key] = value;
}

std::string in_text(const Json& value) {
  if (value.is_number_float()) return significant(value.get<double>(), 6);
  if (value.is_null()) return "unknown";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// The smaller of the two sets decides how large the bias is.
void warn_of_smaller(const FidRun& run, const FeatureSet& real, const FeatureSet& fake) {
  const auto of = [](const FeatureSet& set) { return set.moments.find(FeatureKind::features); };
  if (of(real) == real.moments.end()) return;
  const bool second = of(fake) != fake.moments.end() && fake.count > 0 && fake.count < real.count;
  warn_of_size(run, (second ? of(fake) : of(real))->second);
}

}  // namespace

/// The distance of two samples is too large on average, the more so the fewer they are.
void warn_of_size(const FidRun& run, const FeatureStatistics& set) {
  if (set.count == 0 || set.count >= std::max(small_sample, set.dims() + 1)) return;
  run.tool.say(set.source + ": " + std::to_string(set.count) + " images for " +
               std::to_string(set.dims()) +
               " features are few: they bias the distance upwards; compare it only with others "
               "at this number (--floor shows how large it is between halves of one set)");
}

void print_report(const FidRun& run, const Json& report) {
  std::string text;
  if (run.tool.common().json)
    text = to_text(report);
  else
    for (const auto& [key, value] : report.items()) text += key + "\t" + in_text(value) + "\n";
  write_file(run.options.output, text);
}

cli::ExitCode compare_sets(FidRun& run) {
  const auto begun = Clock::now();
  Question question = open_question(run);
  if (question.real && question.fake)  // before anything is read
    check_same_origin({question.real->data, provenance_of(run, *question.real)},
                      {question.fake->data, provenance_of(run, *question.fake)});
  const bool floor = run.options.floor, pair = question.fake.has_value();
  Gathered real, fake;
  if (question.real)
    real = gather(run, *std::move(question.real), question.of_real,
                  floor ? Halves::both : Halves::none);
  if (pair) fake = gather(run, *std::move(question.fake), question.of_fake, Halves::none);
  Json report = Json::object();
  if (pair) add_metrics(run, report, question, real.all, fake.all);
  if (floor) add_floor(run, report, question, real.halves);
  add_provenance(run, report, pair && feature_name(real.all).empty() ? fake.all : real.all);
  if (!real.all.source.empty()) report["n_real"] = number_of_images(real.all);
  if (pair) report["n_fake"] = number_of_images(fake.all);
  if (floor) report["n_floor"] = real.halves[1].count;
  if (run.tool.common().json)
    report["seconds"] = std::chrono::duration<double>(Clock::now() - begun).count();
  print_report(run, report);
  if (pair) warn_of_provenance(run, real.all, fake.all);
  warn_of_smaller(run, real.all, pair ? fake.all : real.all);
  return run.failed > 0 ? cli::partial : cli::done;
}

}  // namespace diffusion
