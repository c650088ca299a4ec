#include "lib/schedule/grid.hpp"

#include <algorithm>
#include <cmath>

#include "lib/base/error.hpp"
#include "lib/base/registry.hpp"
#include "lib/base/spec_file.hpp"
#include "lib/base/text.hpp"
#include "lib/schedule/schedule_json.hpp"

namespace diffusion {
namespace {

/// Levels of steps t; rounding may make neighbours coincide, and they are visited once.
std::vector<NoiseLevel> at_steps(const Schedule& schedule, const std::vector<double>& steps) {
  std::vector<NoiseLevel> levels;
  double before = 0;
  for (const double step : steps) {
    const double t = std::clamp(std::nearbyint(step), 1.0, double(schedule.steps()));
    if (t != before) levels.push_back(schedule.at(std::int64_t(t)));
    before = t;
  }
  return levels;
}

void need_enough_steps(const Params& params, const Schedule& schedule, int count) {
  if (count > schedule.steps())
    throw Error("grid " + params.name() + ": " + std::to_string(count) +
                " steps asked for, but the schedule has only " + std::to_string(schedule.steps()));
}

// Lin et al. 2023, "Common Diffusion Noise Schedules and Sample Steps are Flawed",
// Table 2, "trailing": always begins at T.
std::vector<NoiseLevel> trailing(Params& params, const Schedule& schedule, int count) {
  need_enough_steps(params, schedule, count);
  std::vector<double> steps;
  const double stride = double(schedule.steps()) / count;
  for (int i = 0; i < count; ++i) steps.push_back(schedule.steps() - i * stride);
  return at_steps(schedule, steps);
}

// Ibid., "leading": begins below T and always ends at t = 1 + offset.
std::vector<NoiseLevel> leading(Params& params, const Schedule& schedule, int count) {
  const std::int64_t offset = params.integer("offset", 0);
  if (offset < 0) params.refuse("offset", "must not be negative");
  need_enough_steps(params, schedule, count);
  const bool extra = params.choice("points", {"n", "n+1"}) == "n+1";
  const int stride = schedule.steps() / (count + (extra ? 1 : 0));
  std::vector<double> steps;
  for (int i = count - 1; i >= 0; --i)
    steps.push_back(double(i + (extra ? 1 : 0)) * stride + 1 + double(offset));
  return at_steps(schedule, steps);
}

// Nichol and Dhariwal 2021, Sec. 4: from T to 1 in equal strides.
std::vector<NoiseLevel> linspace(Params& params, const Schedule& schedule, int count) {
  need_enough_steps(params, schedule, count);
  const int points = count + (params.choice("points", {"n", "n+1"}) == "n+1" ? 1 : 0);
  std::vector<double> steps;
  for (int i = 0; i < count; ++i) {
    const double down = points == 1 ? 0 : double(i) / (points - 1);
    steps.push_back(1 + (1 - down) * (schedule.steps() - 1));
  }
  return at_steps(schedule, steps);
}

// Song et al. 2020, "Denoising Diffusion Implicit Models", App. D.2, "quadratic":
// dense towards clean data; reaches `top` of T.
std::vector<NoiseLevel> quadratic(Params& params, const Schedule& schedule, int count) {
  const double top = params.number("top", 0.8);
  if (!(top > 0 && top <= 1)) params.refuse("top", "must lie in (0, 1]");
  need_enough_steps(params, schedule, count);
  std::vector<double> steps;
  for (int i = count - 1; i >= 0; --i) {
    const double root = count == 1 ? 1 : double(i) / (count - 1);
    steps.push_back(std::floor(root * root * schedule.steps() * top) + 1);
  }
  return at_steps(schedule, steps);
}

struct LambdaRange {
  double noisiest, cleanest;
};

LambdaRange finite_range(Params& params, const Schedule& schedule) {
  const NoiseLevel &last = schedule.levels.back(), &first = schedule.levels.front();
  const bool max_given = params.has("sigma_max"), min_given = params.has("sigma_min");
  const double max = params.number("sigma_max", last.ve_sigma());
  const double min = params.number("sigma_min", first.ve_sigma());
  if (!(min > 0 && min <= max && std::isfinite(max)))
    throw Error("grid " + params.name() + ": needs 0 < sigma_min <= sigma_max < infinity, got " +
                significant(min, 6) + " and " + significant(max, 6) +
                " (the schedule's ends unless given; an end at zero SNR works with trailing)");
  // The table's own ends exactly, so that they keep their own timesteps.
  return {max_given ? -std::log(max) : last.lambda, min_given ? -std::log(min) : first.lambda};
}

// Karras et al. 2022, Eq. 5, on ve_sigma = sigma/alpha.
std::vector<NoiseLevel> karras(Params& params, const Schedule& schedule, int count) {
  const LambdaRange range = finite_range(params, schedule);
  const double rho = params.number("rho", 7);
  if (!(rho > 0)) params.refuse("rho", "must be positive");
  const double high = std::exp(-range.noisiest / rho), low = std::exp(-range.cleanest / rho);
  std::vector<NoiseLevel> levels;
  for (int i = 0; i < count; ++i) {
    const double down = count == 1 ? 0 : double(i) / (count - 1);
    levels.push_back(schedule.at_lambda(-rho * std::log(high + down * (low - high))));
  }
  return levels;
}

// Lu et al. 2022, "DPM-Solver", Sec. 3.4: equal steps of lambda, which are equal
// ratios of ve_sigma.
std::vector<NoiseLevel> uniform_lambda(Params& params, const Schedule& schedule, int count) {
  const LambdaRange range = finite_range(params, schedule);
  std::vector<NoiseLevel> levels;
  for (int i = 0; i < count; ++i) {
    const double down = count == 1 ? 0 : double(i) / (count - 1);
    levels.push_back(schedule.at_lambda(std::lerp(range.noisiest, range.cleanest, down)));
  }
  return levels;
}

std::vector<NoiseLevel> ending_clean(std::vector<NoiseLevel> levels, const Schedule& schedule) {
  if (levels.back().clean()) levels.pop_back();
  levels.push_back(clean_level(schedule.path));
  levels.back().timestep = schedule.levels.front().timestep;
  return levels;
}

std::vector<NoiseLevel> from_file(const std::string& path, const Schedule& schedule) {
  const Json json = read_json(path);
  std::vector<NoiseLevel> levels;
  if (json.is_object()) {
    levels = schedule_from_json(json, path).levels;
    std::ranges::reverse(levels);
    return levels;
  }
  if (!json.is_array() || json.empty())
    throw Error(path + ": a grid is a JSON array of steps t, noisiest first, or a schedule");
  double before = HUGE_VAL;
  for (const Json& entry : json) {
    const double t = number_from_json(entry, path);
    if (t != std::floor(t) || t < 1 || t > schedule.steps())
      throw Error(path + ": " + entry.dump() + " is not a step of the schedule (1.." +
                  std::to_string(schedule.steps()) + ")");
    if (t >= before) throw Error(path + ": steps must fall; " + entry.dump() + " does not");
    before = t;
    levels.push_back(schedule.at(std::int64_t(t)));
  }
  return levels;
}

}  // namespace

std::span<const GridInfo> grids() {
  static constexpr GridInfo rows[] = {
      {"trailing", "t = round(T - i T/N)", "Lin et al. 2023, Table 2", trailing},
      {"leading", "t = i floor(T/N) + 1 + offset", "Lin et al. 2023, Table 2", leading},
      {"linspace", "t = round(1 + (1 - i/(N-1)) (T-1))", "Nichol and Dhariwal 2021, Sec. 4",
       linspace},
      {"quadratic", "t = floor(top T (i/(N-1))^2) + 1", "Song et al. 2020, App. D.2", quadratic},
      {"karras",
       "ve_sigma = (sigma_max^(1/rho) + i/(N-1) (sigma_min^(1/rho) - sigma_max^(1/rho)))^rho",
       "Karras et al. 2022, Eq. 5", karras},
      {"exponential", "equal ratios of ve_sigma: the same levels as lambda",
       "Lu et al. 2022, Sec. 3.4", uniform_lambda},
      {"lambda", "equal steps of lambda = log(alpha/sigma)", "Lu et al. 2022, Sec. 3.4",
       uniform_lambda},
  };
  return rows;
}

std::vector<NoiseLevel> make_grid(std::string_view spec, const Schedule& schedule, int intervals) {
  if (intervals < 1) throw Error("a grid needs at least 1 step, got " + std::to_string(intervals));
  return ending_clean(make_from(grids(), spec, "grid", schedule, intervals), schedule);
}

std::vector<NoiseLevel> load_grid(const std::string& spec, const Schedule& schedule,
                                  int intervals) {
  if (!names_file(spec))
    return make_grid(spec, schedule, intervals == 0 ? schedule.steps() : intervals);
  auto levels = ending_clean(from_file(spec, schedule), schedule);
  if (intervals != 0 && intervals + 1 != int(levels.size()))
    throw Error(spec + ": has " + std::to_string(levels.size() - 1) + " steps, not " +
                std::to_string(intervals) + " (leave --steps out)");
  return levels;
}

}  // namespace diffusion
