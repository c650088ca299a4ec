// Grids that choose among the steps of a table.
#include <algorithm>
#include <cmath>

#include "lib/base/error.hpp"
#include "lib/schedule/grids/grids.hpp"
#include "lib/schedule/number_list.hpp"

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

/// Levels at real t, sigma/alpha and timestep linear between those of steps (diffusers'
/// Euler schedulers).
std::vector<NoiseLevel> between_steps(const Schedule& schedule, const std::vector<double>& steps) {
  std::vector<NoiseLevel> levels;
  for (const double t : steps) {
    const NoiseLevel below = schedule.at(std::int64_t(t));
    const double share = t - std::floor(t);
    levels.push_back(below);
    if (share == 0) continue;
    const NoiseLevel above = schedule.at(std::int64_t(t) + 1);
    levels.back() =
        on_path(schedule.path, -std::log(std::lerp(below.ve_sigma(), above.ve_sigma(), share)));
    levels.back().timestep = std::lerp(below.timestep, above.timestep, share);
  }
  return levels;
}

void need_enough_steps(const Params& params, const Schedule& schedule, int count) {
  if (count > schedule.steps())
    throw Error("grid " + params.name() + ": " + std::to_string(count) +
                " steps asked for, but the schedule has only " + std::to_string(schedule.steps()));
}

}  // namespace

// Lin et al. 2023, "Common Diffusion Noise Schedules and Sample Steps are Flawed",
// Table 2, "trailing": always begins at T.
std::vector<NoiseLevel> trailing_grid(Params& params, const Schedule& schedule, int count) {
  need_enough_steps(params, schedule, count);
  std::vector<double> steps;
  steps.reserve(std::size_t(count));
  // Halves round as they do in the peers, whose arange sums a rounded difference.
  const double top = schedule.steps(), down = top - top / count - top;
  for (int i = 0; i < count; ++i) steps.push_back(top + i * down);
  return at_steps(schedule, steps);
}

// Ibid., "leading": begins below T and always ends at t = 1 + steps_offset.
std::vector<NoiseLevel> leading_grid(Params& params, const Schedule& schedule, int count) {
  const std::int64_t offset = params.integer("steps_offset", 0);
  if (offset < 0) params.refuse("steps_offset", "must not be negative");
  need_enough_steps(params, schedule, count);
  const bool extra = params.choice("points", {"n", "n+1"}) == "n+1";
  const int stride = schedule.steps() / (count + (extra ? 1 : 0));
  std::vector<double> steps;
  for (int i = count - 1; i >= 0; --i)
    steps.push_back(double(i + (extra ? 1 : 0)) * stride + 1 + double(offset));
  if (steps.front() > schedule.steps())
    params.refuse("steps_offset", std::to_string(offset) + " leads to step " +
                                      std::to_string(std::int64_t(steps.front())) + " of " +
                                      std::to_string(schedule.steps()));
  return at_steps(schedule, steps);
}

// Nichol and Dhariwal 2021, Sec. 4: from T to 1 in equal strides.
std::vector<NoiseLevel> linspace_grid(Params& params, const Schedule& schedule, int count) {
  need_enough_steps(params, schedule, count);
  const int points = count + (params.choice("points", {"n", "n+1"}) == "n+1" ? 1 : 0);
  const std::string whole = params.choice("timesteps", {"rounded", "down", "fractional"});
  const double stride = points == 1 ? 0 : double(schedule.steps() - 1) / (points - 1);
  std::vector<double> steps{double(schedule.steps())};
  // Halves round as the peers', who count timesteps from 0.
  for (int i = points - 2; i >= points - count; --i)
    steps.push_back(1 + (whole == "rounded" ? std::nearbyint(i * stride) : i * stride));
  if (whole == "fractional") return between_steps(schedule, steps);
  if (whole == "down")
    for (double& step : steps) step = std::floor(step);
  return at_steps(schedule, steps);
}

// Song et al. 2020, "Denoising Diffusion Implicit Models", App. D.2, "quadratic":
// dense towards clean data; reaches `top` of T.
std::vector<NoiseLevel> quadratic_grid(Params& params, const Schedule& schedule, int count) {
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

// Song et al. 2020 as OpenAI's code reads it, "ddimN": whole strides from t = 1.
std::vector<NoiseLevel> ddim_grid(Params& params, const Schedule& schedule, int count) {
  need_enough_steps(params, schedule, count);
  const int total = schedule.steps();
  const auto reached = [&](int stride) { return (total + stride - 1) / stride; };
  int stride = 1;
  while (reached(stride) > count) ++stride;
  if (reached(stride) != count)
    throw Error("grid ddim: no whole stride keeps " + std::to_string(count) + " of " +
                std::to_string(total) + " steps (" + std::to_string(reached(stride)) + " and " +
                std::to_string(reached(stride - 1)) + " are the nearest)");
  std::vector<double> steps;
  for (int i = count - 1; i >= 0; --i) steps.push_back(1 + double(i) * stride);
  return at_steps(schedule, steps);
}

// Luo et al. 2023: N of the `origin` steps that the model was distilled over, evenly from the
// noisiest.
std::vector<NoiseLevel> lcm_grid(Params& params, const Schedule& schedule, int count) {
  const double asked = params.number_if_given("origin", "(50, or as many as needed)")
                           .value_or(std::max(count, std::min(50, schedule.steps())));
  if (!(asked >= 1 && asked <= schedule.steps() && asked == std::floor(asked)))
    params.refuse("origin", "must be a whole number in 1.." + std::to_string(schedule.steps()));
  const auto origin = std::int64_t(asked);
  if (count > origin)
    throw Error("grid lcm: " + std::to_string(count) +
                " steps asked for, of origin=" + std::to_string(origin));
  const std::int64_t apart = schedule.steps() / origin;
  std::vector<double> steps;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t of_origin = origin - i * origin / count;
    steps.push_back(double(of_origin * apart));
  }
  return at_steps(schedule, steps);
}

std::vector<int> section_counts(Params& params, int count) {
  if (!params.has("counts")) return {count};
  std::vector<int> counts;
  for (const double number : list_of_numbers(params.text("counts", ""), {"counts"})) {
    if (!(number >= 1 && number <= max_steps && number == std::floor(number)))
      params.refuse("counts", "must be whole numbers above 0, such as 10,15,20");
    counts.push_back(int(number));
  }
  return counts;
}

// Nichol and Dhariwal 2021, code: equal sections of the table, the cleanest first, each
// with a number of steps of its own, from its first to its last.
std::vector<NoiseLevel> sections_grid(Params& params, const Schedule& schedule, int count) {
  const std::vector<int> counts = section_counts(params, count);
  const int sections = int(counts.size()), whole = schedule.steps() / sections,
            longer = schedule.steps() % sections;
  std::vector<double> steps;
  int start = 1;
  for (int i = 0; i < sections; ++i) {
    const int size = whole + (i < longer ? 1 : 0), kept = counts[std::size_t(i)];
    if (kept > size)
      throw Error("grid " + params.name() + ": section " + std::to_string(i + 1) + " has " +
                  std::to_string(size) + " steps, not " + std::to_string(kept));
    const double stride = kept == 1 ? 1 : double(size - 1) / (kept - 1);
    double at = 0;  // summed, since where its halves round to is what must agree
    for (int k = 0; k < kept; ++k, at += stride) steps.push_back(start + std::nearbyint(at));
    start += size;
  }
  std::ranges::reverse(steps);
  return at_steps(schedule, steps);
}

}  // namespace diffusion
