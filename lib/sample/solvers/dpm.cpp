// Samplers that take DPM-Solver's and DPM-Solver++'s single steps: the levels where a step
// asks lie between those of the grid, or are the grid's own (as diffusers has it).
#include <algorithm>
#include <cmath>

#include "lib/base/text.hpp"
#include "lib/sample/solvers/history.hpp"
#include "lib/sample/solvers/single_step.hpp"

namespace diffusion {
namespace {

struct Settings {
  Of of;
  std::size_t order;
  std::vector<double> shares;  // of a step, where it asks after its start: r1, r2
  SlopeTerm slope, inner;      // of the whole step, and of those to where it asks
  LongSteps long_steps;
  Ancestral noise;
  Ending ending;  // over the grid
};

bool is_plain(const NoiseLevel& from, const NoiseLevel& to, const Settings& settings) {
  return too_long(from, to, settings.of == Of::x0 ? LongSteps::second : settings.long_steps);
}

Tensor between_levels(SampleRun run, const Settings& settings) {
  return along_grid(run, [&](const Tensor& x, const NoiseLevel& from, const NoiseLevel& to,
                             std::uint32_t i) {
    const auto [down, fresh] = ancestral_step(from, to, settings.noise.eta);
    SingleStep step(run, x, from, settings.of);
    if (!is_plain(from, to, settings) && !down.clean())
      for (const double share : settings.shares) {
        const NoiseLevel there = level_of(run, std::lerp(from.lambda, down.lambda, share));
        step.ask(step.at(there, settings.inner), there);
      }
    return with_noise(step.at(down, settings.slope), run, fresh * settings.noise.s_noise, i + 1);
  });
}

/// How many intervals the step from level i goes over. The last steps are shorter where the
/// ending is lower; what begins at pure noise or ends at clean data is an interval alone.
std::size_t intervals_of_step(const SampleRun& run, const Settings& settings, std::size_t i) {
  const std::size_t left = run.grid.size() - 1 - i;
  std::size_t count = std::min(settings.order, left);
  if (settings.ending == Ending::lower && left == settings.order && count > 1) --count;
  if (count == left && count > 1 && run.grid.back().clean()) --count;
  return is_plain(run.grid[i], run.grid[i + count], settings) ? 1 : count;
}

Tensor over_grid(SampleRun run, const Settings& settings) {
  Tensor x = std::move(run.x);
  report(run, 0, x);
  for (std::size_t i = 0; i + 1 < run.grid.size();) {
    const std::size_t end = i + intervals_of_step(run, settings, i);
    const Tensor start = std::move(x);
    SingleStep step(run, start, run.grid[i], settings.of);
    do {
      ++i;
      x = step.at(run.grid[i], i == end ? settings.slope : settings.inner);
      report(run, std::uint32_t(i), x);
      if (i < end) step.ask(x, run.grid[i]);
    } while (i < end);
  }
  return x;
}

double share_from(Params& params, const char* key, double usual) {
  const double share = params.number_if_given(key, shortest(usual)).value_or(usual);
  if (!(share > 0 && share < 1)) params.refuse(key, "must lie in (0, 1)");
  return share;
}

std::vector<double> shares_from(Params& params, std::size_t order) {
  if (order == 1) return {};
  if (order == 2) return {share_from(params, "r1", 0.5)};
  const double r1 = share_from(params, "r1", 1.0 / 3), r2 = share_from(params, "r2", 2.0 / 3);
  if (!(r1 < r2)) params.refuse("r2", "must lie behind r1");
  return {r1, r2};
}

Sampler make(Params& params, Of of, std::size_t order) {
  const std::vector<double> shares = shares_from(params, order);
  const bool own = params.choice("levels", {"between", "grid"}) == "grid";
  const SlopeTerm slope = slope_from(params, "solver", SlopeTerm::midpoint);
  const SlopeTerm inner = slope_from(params, "inner", SlopeTerm::integral);
  const Ending ending = ending_from(params, Ending::lower);
  const LongSteps how = of == Of::eps ? long_steps_from(params) : LongSteps::second;
  const Settings settings{of, order, shares, slope, inner, how, ancestral_from(params, 0), ending};
  if (own && settings.noise.eta > 0)
    params.refuse("eta", "adds noise to steps with levels=between alone");
  return [=](SampleRun run) {
    return own ? over_grid(std::move(run), settings) : between_levels(std::move(run), settings);
  };
}

}  // namespace

Sampler make_dpm(Params& params) {
  const std::int64_t order = params.integer("order", 3);
  if (order < 1 || order > 3) params.refuse("order", "must be 1, 2 or 3");
  return make(params, Of::eps, std::size_t(order));
}

Sampler make_dpmpp_2s(Params& params) { return make(params, Of::x0, 2); }
Sampler make_dpmpp_3s(Params& params) { return make(params, Of::x0, 3); }

}  // namespace diffusion
