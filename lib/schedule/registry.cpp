#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/registry.hpp"
#include "lib/base/text.hpp"
#include "lib/schedule/families/families.hpp"
#include "lib/schedule/schedule.hpp"

namespace diffusion {
namespace {

Json params_to_json(const Params& params) {
  Json json = Json::object();
  for (const auto& [key, value] : params.resolved())
    if (key != "T") json[key] = std::visit([](const auto& v) { return Json(v); }, value);
  return json;
}

/// T; `fallback` where neither the spec nor `steps` says it.
int take_steps(Params& params, int steps, int fallback) {
  const std::int64_t in_spec = params.integer("T", fallback);
  const std::int64_t chosen = steps != 0 ? steps : in_spec;
  if (chosen == fallback) return fallback;
  if (chosen < 1 || chosen > max_steps)
    params.refuse(
        "T", "must lie in 1.." + std::to_string(max_steps) + ", got " + std::to_string(chosen));
  return int(chosen);
}

/// Tables that leave their range open the message with the array; the family goes before.
Schedule made_by(const ScheduleInfo& row, Params& params, int steps) {
  try {
    return row.make(params, steps);
  } catch (const Error& e) {
    const std::string why = e.what(), opening = params.name() + ": ";
    throw Error(why.starts_with(opening) ? why : opening + why);
  }
}

const ScheduleInfo& row_of(const std::string& name) {
  if (name == custom_schedule().name) return custom_schedule();
  std::vector<ScheduleInfo> all(schedules().begin(), schedules().end());
  all.push_back(custom_schedule());  // for the list in the message
  find_row(std::span<const ScheduleInfo>(all), name, "schedule");
  return find_row(schedules(), name, "schedule");
}

}  // namespace

std::span<const ScheduleInfo> schedules() {
  static constexpr ScheduleInfo rows[] = {
      {"linear", "beta = scale (beta_start + (t-1)/(T-1) (beta_end - beta_start))",
       "Ho et al. 2020, Sec. 4", make_linear},
      {"scaled-linear",
       "beta = (sqrt(beta_start) + (t-1)/(T-1) (sqrt(beta_end) - sqrt(beta_start)))^2 (the quad "
       "of some code)",
       "Rombach et al. 2022, code", make_scaled_linear},
      {"quadratic",
       "beta = beta_start + (beta_end - beta_start) (t/T)^2 (not the square-root ramp that some "
       "code calls quad)",
       "Ho et al. 2020, code", make_quadratic},
      {"constant", "beta = beta_end", "Ho et al. 2020, code", make_constant},
      {"warm-up",
       "beta = beta_start + (t-1)/(W-1) (beta_end - beta_start) up to W = floor(warmup T), then "
       "beta_end",
       "Ho et al. 2020, code", make_warm_up},
      {"jsd", "beta = 1/(T - t + 1), so that alpha_bar = 1 - t/T",
       "Sohl-Dickstein et al. 2015, Sec. 2.4.1", make_jsd},
      {"cosine", "beta = clip(1 - f(t/T)/f((t-1)/T)), f(u) = cos^2((u + s)/(1 + s) pi/2)",
       "Nichol and Dhariwal 2021, Eq. 17", make_cosine},
      {"sigmoid", "beta = beta_start + (beta_end - beta_start) sigmoid(-6 + 12 t/T)",
       "Xu et al. 2022, code", make_sigmoid},
      {"sigmoid-alpha-bar",
       "beta = clip(1 - f(t/T)/f((t-1)/T)), f(u) = (sigmoid(-(start + u (end - start))/tau) - "
       "sigmoid(-end/tau))/(sigmoid(-start/tau) - sigmoid(-end/tau))",
       "Jabri et al. 2022, Fig. 8", make_sigmoid_alpha_bar},
      {"laplace",
       "beta = clip(1 - f(t/T)/f((t-1)/T)), f(u) = sqrt(e^l/(1 + e^l)), l = -sgn(1/2 - u) ln(1 - "
       "2 |1/2 - u| + 1e-6)/2",
       "Hang and Gu 2024, as diffusers has it", make_laplace},
      {"exponential", "beta = clip(1 - f(t/T)/f((t-1)/T)), f(u) = e^(-12 u)", "diffusers",
       make_exponential},
      {"piecewise", "log_snr straight between knots, knot i at u = at_i, u = (t-1)/(T-1)",
       "Kingma et al. 2021", make_piecewise},
      {"ve", "sigma = sigma_min (sigma_max/sigma_min)^((t-1)/(T-1)); alias exponential-sigmas",
       "Song et al. 2021, Sec. 3.4", make_ve},
      {"karras",
       "sigma = (sigma_min^(1/rho) + (t-1)/(T-1) (sigma_max^(1/rho) - sigma_min^(1/rho)))^rho",
       "Karras et al. 2022, Eq. 5", make_karras},
      {"flow", "tau = shift u/(1 + (shift - 1) u), u = t/T; alpha = 1 - tau, sigma = tau",
       "Liu, Gong and Liu 2022; Esser et al. 2024, Eq. 23", make_flow},
  };
  return rows;
}

std::span<const Synonym> ScheduleInfo::synonyms() {
  static constexpr Synonym names[] = {
      {"exponential-sigmas", "ve"}, {"squaredcos-cap-v2", "cosine"}, {"rectified-flow", "flow"}};
  return names;
}

std::vector<Parameter> schedule_parameters(const ScheduleInfo& row) {
  return asked_of(Params(row.name),
                  [&](Params& params) { row.make(params, take_steps(params, 0, default_steps)); });
}

const ScheduleInfo& custom_schedule() {
  static constexpr ScheduleInfo row = {
      "custom", "the entries of betas, alpha_bars or sigmas: a file (JSON, text), or a:b:c",
      "a table of your own", make_custom};
  return row;
}

Schedule make_schedule(Params params, int steps) {
  const ScheduleInfo& row = row_of(params.name());
  const bool custom = &row == &custom_schedule();
  const int chosen = take_steps(params, steps, custom ? 0 : default_steps);
  Schedule made = made_by(row, params, chosen);
  params.finish();
  made.family = row.name;
  // A custom table is its arrays; a family may have put its own account of itself.
  if (!custom && made.params.empty()) made.params = params_to_json(params);
  return made;
}

Schedule make_schedule(std::string_view spec, int steps) {
  return make_schedule(params_of_row(schedules(), spec), steps);
}

bool names_family(const std::string& spec) {
  const std::string canonical = canonical_spec(schedules(), spec);
  const std::string name = canonical.substr(0, canonical.find(':'));
  return name == custom_schedule().name ||
         std::ranges::find(schedules(), name, &ScheduleInfo::name) != schedules().end();
}

}  // namespace diffusion
