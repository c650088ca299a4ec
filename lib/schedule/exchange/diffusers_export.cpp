// Export guesses and verifies: it reads candidates back as an import would, and writes
// the first that gives the same table.
#include <algorithm>
#include <cmath>
#include <optional>

#include "lib/base/error.hpp"
#include "lib/base/json_at.hpp"
#include "lib/base/registry.hpp"
#include "lib/schedule/exchange/diffusers_classes.hpp"
#include "lib/schedule/exchange/diffusers_config.hpp"

namespace diffusion {
namespace {

using namespace diffusers;

bool near(double a, double b) { return a == b || std::abs(a - b) <= 1e-9 * std::abs(b); }

bool same_table(const Schedule& a, const Schedule& b) {
  if (a.path != b.path || a.steps() != b.steps()) return false;
  for (std::size_t i = 0; i < a.levels.size(); ++i) {
    const NoiseLevel &x = a.levels[i], &y = b.levels[i];
    if (!near(x.alpha, y.alpha) || !near(x.sigma, y.sigma) || !near(x.timestep, y.timestep))
      return false;
  }
  return true;
}

/// The first of `candidates` that reads back as `schedule`.
std::optional<Json> first_true(const Schedule& schedule, const std::vector<Json>& candidates) {
  for (const Json& candidate : candidates) {
    try {
      if (same_table(schedule_from_diffusers(candidate, "export"), schedule)) return candidate;
    } catch (const Error&) {  // a guess that is no schedule at all
    }
  }
  return std::nullopt;
}

/// A file's params may hold anything.
double number_of(const Json& params, const char* key, double fallback) {
  const auto found = params.find(key);
  return found != params.end() && found->is_number() ? number_from_json(*found, key) : fallback;
}

double scale_of(const Json& params, int steps) {
  if (!params.contains("scale")) return 1;
  return number_of(params, "scale", 1000.0 / steps);
}

Json formula_of(const std::string& family, const Json& params, int steps) {
  const auto formula = std::ranges::find(formulas, family, &Formula::ours);
  if (formula == std::end(formulas)) return nullptr;
  Json config = {{"beta_schedule", formula->theirs}};
  if (!formula->has_ends) return config;
  for (const char* key : {"beta_start", "beta_end"})
    if (params.contains(key) && params[key].is_number())
      config[key] = number_of(params, key, 0) * scale_of(params, steps);
  return config;
}

Json merged(Json base, const Json& more) {
  if (more.is_object()) base.update(more);
  return base;
}

/// What the chain of filters began with: {"family", "params"}.
Json origin(const Schedule& schedule) {
  return schedule.extra.contains("made_from") ? schedule.extra["made_from"] : Json::object();
}

/// The family that the filters began with, or the schedule's own.
Json formula_behind(const Schedule& schedule) {
  const Json from = origin(schedule);
  const bool told = from.is_object() && from.contains("family") && from.contains("params") &&
                    from["family"].is_string() && from["params"].is_object();
  return told ? formula_of(JsonAt(from, "")["family"].text(), from["params"], schedule.steps())
              : formula_of(schedule.family, schedule.params, schedule.steps());
}

/// What divided the SNR of all steps, by that of the first, which ending at zero SNR leaves as it
/// is; rounded, since logarithms of it were. Nothing where the guess is no schedule.
std::optional<double> snr_scale(const Schedule& schedule, const Json& unscaled) {
  constexpr double steps_of_rounding = 1e9;
  try {
    const Schedule before = schedule_from_diffusers(unscaled, "export");
    const double scale = std::exp(2 * (before.levels[0].lambda - schedule.levels[0].lambda));
    return std::round(scale * steps_of_rounding) / steps_of_rounding;
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// Of classes that divide the SNR too.
std::vector<Json> scaled_candidates(const Schedule& schedule, const Json& base) {
  std::vector<Json> candidates;
  if (const Json formula = formula_behind(schedule); formula.is_object()) {
    Json scaled = merged(merged(base, formula), {{"snr_shift_scale", 1}});
    if (const auto scale = snr_scale(schedule, scaled)) {
      scaled["snr_shift_scale"] = *scale;
      candidates = {scaled, merged(scaled, {{"rescale_betas_zero_snr", true}})};
    }
  }
  candidates.push_back(merged(base, {{"trained_betas", schedule.betas}, {"snr_shift_scale", 1}}));
  return candidates;
}

std::vector<Json> beta_candidates(const Schedule& schedule, const Json& base, const Class& row) {
  if (has_setting(row, "snr_shift_scale")) return scaled_candidates(schedule, base);
  std::vector<Json> candidates;
  const auto add = [&](const Json& formula, const Json& more) {
    if (formula.is_object()) candidates.push_back(merged(merged(base, formula), more));
  };
  add(formula_of(schedule.family, schedule.params, schedule.steps()), Json::object());
  if (has_setting(row, "rescale_betas_zero_snr"))
    add(formula_behind(schedule), {{"rescale_betas_zero_snr", true}});
  candidates.push_back(merged(base, {{"trained_betas", schedule.betas}}));
  return candidates;
}

/// The shift that t = 1 tells: odds(tau) = shift odds(1/T).
double shift_of(const Schedule& schedule) {
  if (schedule.steps() == 1) return number_of(schedule.params, "shift", 1);
  const NoiseLevel& first = schedule.levels.front();
  const double shift = first.ve_sigma() * (schedule.steps() - 1);
  return near(shift, number_of(schedule.params, "shift", 0))
             ? number_of(schedule.params, "shift", 0)
             : shift;
}

std::vector<Json> flow_candidates(const Schedule& schedule, const Json& base, const Class& row) {
  const double shift = shift_of(schedule);
  if (row.kind == Kind::betas)
    return {merged(base, {{"use_flow_sigmas", true}, {"flow_shift", shift}})};
  return {base, merged(base, {{"shift", shift}})};
}

std::vector<Json> edm_candidates(const Schedule& schedule, const Json& base) {
  const Json ends = {{"sigma_min", schedule.levels.front().sigma},
                     {"sigma_max", schedule.levels.back().sigma}};
  const Json rho = {{"sigma_schedule", "karras"}, {"rho", number_of(schedule.params, "rho", 7)}};
  return {merged(merged(base, ends), rho),
          merged(merged(base, ends), {{"sigma_schedule", "exponential"}})};
}

std::vector<Json> ncsn_candidates(const Schedule& schedule, const Json& base) {
  return {merged(base, {{"sigma_min", schedule.levels.front().sigma / 2},
                        {"sigma_max", schedule.levels.back().sigma / 2}})};
}

std::string chosen_class(const Schedule& schedule, const std::string& wanted, const Json& kept) {
  if (!wanted.empty()) return wanted;
  if (kept.contains("class") && kept["class"].is_string()) return JsonAt(kept, "")["class"].text();
  switch (schedule.path) {
    case Path::variance_preserving:
      return "DDPMScheduler";
    case Path::variance_exploding:
      return "EDMEulerScheduler";
    case Path::straight:
      return "FlowMatchEulerDiscreteScheduler";
  }
  __builtin_unreachable();
}

std::vector<Json> candidates(const Schedule& schedule, const Json& base, const Class& row) {
  if (schedule.path == Path::variance_preserving && row.kind == Kind::betas)
    return beta_candidates(schedule, base, row);
  if (schedule.path == Path::straight &&
      (row.kind == Kind::flow || has_setting(row, "use_flow_sigmas")))
    return flow_candidates(schedule, base, row);
  if (schedule.path == Path::variance_exploding && row.kind == Kind::edm)
    return edm_candidates(schedule, base);
  if (schedule.path == Path::variance_exploding && row.kind == Kind::ncsn)
    return ncsn_candidates(schedule, base);
  throw Error(std::string(row.name) + ": cannot hold a schedule of this process");
}

[[noreturn]] void refuse_export(const Schedule& schedule, const std::string& class_name) {
  const std::string opening = "a configuration of " + class_name + " cannot say this: ";
  switch (schedule.path) {
    case Path::variance_preserving:
      throw Error(opening +
                  "its timesteps are t - 1, and these are others (export the schedule "
                  "before respacing; diffusers respaces when it samples)");
    case Path::variance_exploding:
      throw Error(opening + "it holds karras or ve sigmas whose timesteps are ln(sigma)/4");
    case Path::straight:
      throw Error(opening +
                  "it holds sigmas of the flow family with timesteps T sigma (with "
                  "timesteps 1000 sigma, T must be 1000)");
  }
  __builtin_unreachable();
}

}  // namespace

Json diffusers_from_schedule(const Schedule& schedule, const std::string& class_name) {
  const auto noted = JsonAt(schedule.extra, "schedule").find("diffusers");
  const Json kept = noted ? noted->json() : Json::object();
  const std::string name = chosen_class(schedule, class_name, kept);
  const Class& row = find_row(classes(), name, "scheduler class");
  Json base = {{"_class_name", name}, {"num_train_timesteps", schedule.steps()}};
  if (kept.is_object() && kept.contains("config")) base = merged(base, kept["config"]);
  auto config = first_true(schedule, candidates(schedule, base, row));
  if (!config) refuse_export(schedule, name);
  return *config;
}

std::string python_json(const Json& config) {
  std::string text = to_text(config);
  for (const std::string value : {"-Infinity", "Infinity", "NaN"}) {
    const std::string quoted = ": \"" + value + "\"";
    for (auto at = text.find(quoted); at != text.npos; at = text.find(quoted, at))
      text.replace(at, quoted.size(), ": " + value);
  }
  return text;
}

}  // namespace diffusion
