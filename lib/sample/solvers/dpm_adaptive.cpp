// DPM-Solver-12 and -23 with steps chosen by their error: Lu et al. 2022, "DPM-Solver: A Fast
// ODE Solver for Diffusion Probabilistic Model Sampling in Around 10 Steps", App. C, with
// k-diffusion's controller. The error is each sample's own. Of the grid it uses only the
// first level and the last noisy one.
#include <algorithm>
#include <cmath>
#include <optional>

#include "lib/base/error.hpp"
#include "lib/sample/solvers/single_step.hpp"

namespace diffusion {
namespace {

struct Settings {
  std::int64_t order;
  double relative, absolute, first;  // tolerances; the first step in half log-SNR
};

/// A step of two orders, the higher of which counts.
struct Trial {
  SingleStep step;
  Tensor low, high;
  Tensor gap;  // low less high, without the rounding of what they have in common
};

Trial attempt(const SampleRun& run, SingleStep step, const NoiseLevel& from, const NoiseLevel& to,
              std::int64_t order) {
  const auto ask = [&](double share) {
    const NoiseLevel there = level_of(run, std::lerp(from.lambda, to.lambda, share));
    step.ask(step.at(there, SlopeTerm::integral), there);
  };
  if (order == 3) ask(1.0 / 3);
  Tensor low = step.at(to, SlopeTerm::midpoint);
  Tensor gap(low.shape(), 0.0f);
  for (const auto& [scale, of] : step.beyond_first(to, SlopeTerm::midpoint))
    add_scaled(gap, scale, of);
  ask(order == 3 ? 2.0 / 3 : 0.5);
  Tensor high = step.at(to, SlopeTerm::midpoint);
  for (const auto& [scale, of] : step.beyond_first(to, SlopeTerm::midpoint))
    add_scaled(gap, -scale, of);
  return {std::move(step), std::move(low), std::move(high), std::move(gap)};
}

/// The root mean square of the difference over what is allowed, in units of x/alpha.
double error_of(const Trial& trial, const Tensor& before, double alpha_before, double alpha,
                const Settings& settings) {
  double total = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const double low = trial.low.data()[i] / alpha;
    const double size = std::max(std::abs(low), std::abs(before.data()[i] / alpha_before));
    const double allowed = std::max(settings.absolute, settings.relative * size);
    total += std::pow(trial.gap.data()[i] / alpha / allowed, 2);
  }
  return std::sqrt(total / double(before.size()));
}

constexpr int most_trials = 100'000;
constexpr double arrived = 1e-5;  // in half log-SNR
constexpr double accepted = 0.81;

/// Tells of the grid's levels inside a step, by the step's own polynomial.
void report_passed(const SampleRun& run, const SingleStep& step, const NoiseLevel& to,
                   std::uint32_t& next) {
  for (; next < run.grid.size() && run.grid[next].lambda < to.lambda; ++next)
    report(run, next, step.at(run.grid[next], SlopeTerm::integral));
}

Tensor walked(const SampleRun& run, Tensor x, NoiseLevel from, const NoiseLevel& end,
              const Settings& settings) {
  Tensor before = x;
  std::optional<SingleStep> start;  // asked once, however often it is tried
  double h = settings.first, alpha_before = from.alpha;
  std::uint32_t next = 1;
  while (next < run.grid.size() && !(run.grid[next].lambda > from.lambda)) ++next;
  for (int trials = 0; from.lambda < end.lambda - arrived; ++trials) {
    if (trials == most_trials)
      throw Error("dpm-adaptive: no end after " + std::to_string(most_trials) +
                  " steps; a larger rtol or atol would reach it");
    const double reached = from.lambda + h;
    const NoiseLevel to = reached < end.lambda ? level_of(run, reached) : end;
    if (!start) start.emplace(run, x, from, Of::eps);
    Trial trial = attempt(run, *start, from, to, settings.order);
    const double error = error_of(trial, before, alpha_before, to.alpha, settings);
    if (std::isnan(error)) throw Error("dpm-adaptive: the model's answer is not a number");
    const double wanted = std::pow(1 / (error + 1e-8), 1 / double(settings.order));
    const double factor = 1 + std::atan(wanted - 1);
    h *= factor;
    if (factor < accepted) continue;
    report_passed(run, trial.step, to, next);
    x = std::move(trial.high);
    before = std::move(trial.low);
    alpha_before = to.alpha;
    from = to;
    start.reset();
  }
  if (next < run.grid.size() && !run.grid[next].clean()) report(run, next, x);
  return x;
}

Tensor adaptive(SampleRun run, const Settings& settings) {
  const bool clean = run.grid.back().clean() && run.grid.size() > 1;
  NoiseLevel from = run.grid.front();
  const NoiseLevel end = run.grid[run.grid.size() - (clean ? 2 : 1)];
  Tensor x = std::move(run.x);
  report(run, 0, x);
  if (from.pure_noise() && from.lambda < end.lambda) {  // infinitely far from all others
    x = moved(run.denoise(x, from), x, from, run.grid[1]);
    from = run.grid[1];
    report(run, 1, x);
  }
  x = walked(run, std::move(x), from, end, settings);
  if (!clean) return x;
  x = moved(run.denoise(x, end), x, end, run.grid.back());
  report(run, std::uint32_t(run.grid.size() - 1), x);
  return x;
}

}  // namespace

Sampler make_dpm_adaptive(Params& params) {
  const Settings settings{params.integer("order", 3), params.number("rtol", 0.05),
                          params.number("atol", 0.0078), params.number("h", 0.05)};
  if (settings.order != 2 && settings.order != 3) params.refuse("order", "must be 2 or 3");
  for (const auto& [key, value] :
       {std::pair{"rtol", settings.relative}, {"atol", settings.absolute}, {"h", settings.first}})
    if (!(value >= 1e-7)) params.refuse(key, "must be at least 1e-7, as states are float32");
  return [settings](SampleRun run) { return adaptive(std::move(run), settings); };
}

}  // namespace diffusion
