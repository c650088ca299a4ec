#include "lib/schedule/grids/grid.hpp"

#include <algorithm>
#include <cmath>

#include "lib/base/error.hpp"
#include "lib/base/json_at.hpp"
#include "lib/base/registry.hpp"
#include "lib/base/spec_file.hpp"
#include "lib/base/text.hpp"
#include "lib/schedule/exchange/foreign.hpp"
#include "lib/schedule/grids/grids.hpp"
#include "lib/schedule/number_list.hpp"
#include "lib/schedule/schedule_json.hpp"

namespace diffusion {
namespace {

std::vector<NoiseLevel> ending_clean(std::vector<NoiseLevel> levels, const Schedule& schedule) {
  if (levels.back().clean()) levels.pop_back();
  levels.push_back(clean_level(schedule.path));
  levels.back().timestep = schedule.levels.front().timestep;
  return levels;
}

/// The end that some peers leave: the noise of step 1.
std::vector<NoiseLevel> ending_at_step_1(std::vector<NoiseLevel> levels, const Schedule& schedule) {
  const NoiseLevel& last = schedule.levels.front();
  if (levels.back().lambda < last.lambda) levels.push_back(last);
  return levels;
}

bool all_of(std::string_view text, std::string_view characters) {
  return !text.empty() && text.find_first_not_of(characters) == text.npos;
}

/// OpenAI's short forms are ddim50 for ddim with 50 steps and 10,15,20 for sections.
Params params_of(std::string_view spec) {
  constexpr std::string_view ddim = "ddim", digits = "0123456789";
  if (all_of(spec, "0123456789,")) return {"sections", {{"counts", std::string(spec)}}};
  if (spec.starts_with(ddim) && all_of(spec.substr(ddim.size()), digits))
    return {"ddim", {{"n", std::string(spec.substr(ddim.size()))}}};
  return params_of_row(grids(), spec);
}

/// How many steps the parameters themselves ask for; 0 where that is left to `intervals`.
std::int64_t own_count(Params& params) {
  if (params.name() == "ddim" && params.has("n")) {
    const std::int64_t count = params.integer("n", 0);
    if (count < 1) params.refuse("n", "must be at least 1");
    return count;
  }
  if (params.name() != "sections" || !params.has("counts")) return 0;
  double sum = 0;
  for (const double count : list_of_numbers(params.given("counts"), {"counts"})) sum += count;
  if (!(sum >= 1 && sum <= max_steps))
    params.refuse("counts", "must add up to 1.." + std::to_string(max_steps));
  return std::int64_t(sum);
}

bool is_json(std::string_view spec) { return spec.starts_with('[') || spec.starts_with('{'); }

std::vector<NoiseLevel> at_listed_steps(const std::vector<double>& steps, const Schedule& schedule,
                                        const std::string& culprit) {
  std::vector<NoiseLevel> levels;
  double before = HUGE_VAL;
  for (const double t : steps) {
    if (t != std::floor(t) || t < 1 || t > schedule.steps())
      throw Error(culprit + ": " + shortest(t) + " is not a step of the schedule (1.." +
                  std::to_string(schedule.steps()) + ")");
    if (t >= before) throw Error(culprit + ": steps must fall; " + shortest(t) + " does not");
    before = t;
    levels.push_back(schedule.at(std::int64_t(t)));
  }
  return levels;
}

/// A way to write levels in a list, the noisiest having the largest number.
struct ListedUnit {
  const char* name;
  double (*lambda)(Path path, double value);  // NaN where there is no such level
};

double lambda_of_tau(Path, double tau) { return std::log1p(-tau) - std::log(tau); }

/// Of the path's own noise scale.
double lambda_of_sigma(Path path, double sigma) {
  if (path == Path::variance_exploding) return -std::log(sigma);
  if (path == Path::straight) return lambda_of_tau(path, sigma);
  return std::log1p(-sigma * sigma) / 2 - std::log(sigma);
}

constexpr ListedUnit listed_units[] = {
    {"ve_sigma", [](Path, double sigma) { return -std::log(sigma); }},
    {"sigma", lambda_of_sigma},
    {"tau", lambda_of_tau}};

std::vector<NoiseLevel> at_listed_levels(const ListedUnit& unit, const std::vector<double>& values,
                                         const Schedule& schedule, const std::string& culprit) {
  std::vector<NoiseLevel> levels;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double lambda = unit.lambda(schedule.path, values[i]);
    const bool endless = std::isinf(lambda) && lambda < 0;
    if (std::isnan(lambda) || (endless && schedule.path == Path::variance_exploding))
      throw Error(culprit + ": " + unit.name + " " + shortest(values[i]) +
                  " is not a level of the path " + path_name(schedule.path));
    if (i > 0 && values[i] >= values[i - 1])
      throw Error(culprit + ": " + unit.name + " must fall towards 0; " + shortest(values[i]) +
                  " does not");
    levels.push_back(schedule.at_lambda(lambda));
  }
  if (levels.front().clean()) throw Error(culprit + ": a grid needs a level that is not clean");
  return levels;
}

/// The noise levels of another table, each with the timestep that it has in this one.
std::vector<NoiseLevel> at_levels_of(const Schedule& visited, const Schedule& schedule) {
  constexpr double rounding = 1e-6;  // of timesteps, on their way through a file
  std::vector<NoiseLevel> levels;
  for (const NoiseLevel& level : visited.levels) {
    NoiseLevel here = schedule.at_lambda(level.lambda);
    if (std::abs(here.timestep - level.timestep) <= rounding * here.timestep)
      here.timestep = level.timestep;
    levels.insert(levels.begin(), here);
  }
  return levels;
}

std::vector<double> numbers(const Json& array, const std::string& culprit) {
  if (!array.is_array() || array.empty())
    throw Error(culprit + ": a grid is a JSON array of steps t, noisiest first, or a schedule");
  return JsonAt(array, culprit).numbers();
}

std::vector<NoiseLevel> from_json(const Json& json, const Schedule& schedule,
                                  const std::string& culprit) {
  if (!json.is_object()) return at_listed_steps(numbers(json, culprit), schedule, culprit);
  if (json.contains("t")) return at_listed_steps(numbers(json["t"], culprit), schedule, culprit);
  for (const ListedUnit& unit : listed_units)
    if (json.contains(unit.name) && !defines_schedule(json))
      return at_listed_levels(unit, numbers(json[unit.name], culprit), schedule, culprit);
  return at_levels_of(schedule_of_json(json, culprit), schedule);
}

/// "final": "zero" or "sigma_min", as in the specs of grids.
bool ends_clean(const Json& json, const std::string& culprit) {
  if (!json.is_object() || !json.contains("final")) return true;
  const Json& final = json["final"];
  if (final != "zero" && final != "sigma_min")
    throw Error(culprit + ": final is " + shown(final) + ", not \"zero\" or \"sigma_min\"");
  return final == "zero";
}

}  // namespace

std::span<const GridInfo> grids() {
  static constexpr GridInfo rows[] = {
      {"trailing", "t = round(T - i T/N)", "Lin et al. 2023, Table 2", trailing_grid},
      {"leading", "t = i floor(T/N) + 1 + steps_offset", "Lin et al. 2023, Table 2", leading_grid},
      {"linspace", "t = round(1 + (1 - i/(N-1)) (T-1))", "Nichol and Dhariwal 2021, Sec. 4",
       linspace_grid},
      {"quadratic", "t = floor(top T (i/(N-1))^2) + 1", "Song et al. 2020, App. D.2",
       quadratic_grid},
      {"ddim", "t = 1 + i s, s the smallest whole stride that keeps N steps; ddimN for short",
       "Song et al. 2020, as OpenAI's code has it", ddim_grid},
      {"lcm", "t = (origin - floor(i origin/N)) floor(T/origin)",
       "Luo et al. 2023, as diffusers has it", lcm_grid},
      {"sections",
       "counts of steps for equal sections of the schedule, the cleanest first; 10,15,20 for short",
       "Nichol and Dhariwal 2021, code", sections_grid},
      {"karras",
       "ve_sigma = (sigma_max^(1/rho) + i/(N-1) (sigma_min^(1/rho) - sigma_max^(1/rho)))^rho",
       "Karras et al. 2022, Eq. 5", karras_grid, Ends::finite},
      {"exponential", "ve_sigma = sigma_min (sigma_max/sigma_min)^((1 - i/(N-1))^rho)",
       "k-diffusion", exponential_grid, Ends::finite},
      {"lambda", "equal steps of lambda = log(alpha/sigma)", "Lu et al. 2022, Sec. 3.4",
       lambda_grid, Ends::finite},
      {"beta",
       "ve_sigma = sigma_min + q (sigma_max - sigma_min), q the 1 - i/(N-1) quantile of "
       "Beta(alpha, beta)",
       "Lee et al. 2024", beta_grid, Ends::finite},
      {"tau",
       "tau = shift u/(1 + (shift - 1) u), u from tau_max to tau_min in equal steps, tau = "
       "sigma/(alpha + sigma)",
       "Esser et al. 2024, as diffusers has it", tau_grid},
      {"dpm-fast", "equal steps of lambda of up to three evaluations, for dpm:levels=grid",
       "Lu et al. 2022, App. D.3", fast_grid, Ends::finite},
      {"vp", "ve_sigma = sqrt(e^(beta_d u^2/2 + beta_min u) - 1), u = 1 + i/(N-1) (eps_s - 1)",
       "Karras et al. 2022, Table 1", vp_grid},
  };
  return rows;
}

std::span<const Synonym> GridInfo::synonyms() {
  static constexpr Synonym names[] = {{"quad", "quadratic"},
                                      {"karras-sigmas", "karras"},
                                      {"exponential-sigmas", "exponential"},
                                      {"beta-sigmas", "beta"},
                                      {"lu-lambdas", "lambda"}};
  return names;
}

namespace {

std::vector<NoiseLevel> make_row(const GridInfo& row, Params& params, const Schedule& schedule,
                                 int count) {
  auto levels = row.make(params, schedule, count);
  const bool clean = params.choice("final", {"zero", "sigma_min"}) == "zero";
  return clean ? ending_clean(std::move(levels), schedule)
               : ending_at_step_1(std::move(levels), schedule);
}

}  // namespace

std::vector<Parameter> grid_parameters(const GridInfo& row) {
  constexpr int steps = 10;
  const Schedule schedule = make_schedule("linear", steps);
  return asked_of(Params(row.name), [&](Params& params) {
    own_count(params);
    make_row(row, params, schedule, steps);
  });
}

bool grid_has_own_count(const std::string& spec) {
  if (names_file(spec) || is_json(spec)) return true;
  Params params = params_of(spec);
  return own_count(params) != 0;
}

std::vector<NoiseLevel> make_grid(std::string_view spec, const Schedule& schedule, int intervals) {
  Params params = params_of(spec);
  const GridInfo& row = find_row(grids(), params.name(), "grid");
  const std::int64_t own = own_count(params);
  if (own != 0 && intervals != 0 && own != intervals)
    throw Error("grid " + std::string(spec) + ": has " + std::to_string(own) + " steps, not " +
                std::to_string(intervals) + " (leave `steps` out)");
  const std::int64_t count = own != 0 ? own : intervals != 0 ? intervals : schedule.steps();
  if (count < 1 || count > max_steps)
    throw Error("a grid has 1.." + std::to_string(max_steps) + " steps, got " +
                std::to_string(count));
  auto levels = make_row(row, params, schedule, int(count));
  params.finish();
  return levels;
}

std::vector<NoiseLevel> load_grid(const std::string& spec, const Schedule& schedule,
                                  int intervals) {
  if (!is_json(spec) && !names_file(spec)) return make_grid(spec, schedule, intervals);
  const std::string culprit = is_json(spec) ? "grid" : spec == "-" ? "standard input" : spec;
  const Json json = is_json(spec) ? parse_json(spec, culprit) : read_json(spec);
  auto levels = from_json(json, schedule, culprit);
  if (ends_clean(json, culprit)) levels = ending_clean(std::move(levels), schedule);
  if (levels.size() < 2) throw Error(culprit + ": a grid needs two levels");
  if (intervals != 0 && intervals + 1 != int(levels.size()))
    throw Error(culprit + ": has " + std::to_string(levels.size() - 1) + " steps, not " +
                std::to_string(intervals) + " (leave `steps` out)");
  return levels;
}

}  // namespace diffusion
