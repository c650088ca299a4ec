#include "lib/train/level_sampler.hpp"

#include <algorithm>
#include <cmath>

#include "lib/base/registry.hpp"

namespace diffusion {
namespace {

/// The step that holds a point of [0, 1).
ChosenLevel step_at(double point, const Schedule& schedule) {
  const auto last = std::size_t(schedule.steps()) - 1;
  const std::size_t step = std::min(std::size_t(point * double(schedule.steps())), last);
  return {schedule.levels[step], step};
}

/// The level of half log-SNR `lambda`, or the end of the table that it is beyond.
ChosenLevel level_at(double lambda, const Schedule& schedule) {
  const auto& table = schedule.levels;
  const double held = std::clamp(lambda, table.back().lambda, table.front().lambda);
  const auto noisier = std::ranges::lower_bound(table, held, std::greater{}, &NoiseLevel::lambda);
  return {schedule.at_lambda(held), std::size_t(noisier - table.begin())};
}

LevelSampler make_uniform(Params&) {
  return [](const LevelDraw& draw, const Schedule& schedule, const LossHistory&) {
    return step_at(draw.uniform, schedule);
  };
}

LevelSampler make_stratified(Params&) {
  return [](const LevelDraw& draw, const Schedule& schedule, const LossHistory&) {
    return step_at((double(draw.place) + draw.uniform) / double(draw.batch), schedule);
  };
}

/// ln(sigma/alpha) ~ N(mean, std^2).
LevelSampler normal_in_lambda(Params& params, double mean, double std) {
  mean = params.number("mean", mean);
  std = params.number("std", std);
  if (!std::isfinite(mean)) params.refuse("mean", "must be finite");
  if (!(std > 0 && std::isfinite(std)))
    params.refuse("std", "must be positive, got " + shortest(std));
  return [=](const LevelDraw& draw, const Schedule& schedule, const LossHistory&) {
    return level_at(-(mean + std * normal_quantile(draw.uniform)), schedule);
  };
}

LevelSampler make_log_normal(Params& params) { return normal_in_lambda(params, -1.2, 1.2); }

// logit(tau) = ln(sigma/alpha) on the straight path.
LevelSampler make_logit_normal(Params& params) { return normal_in_lambda(params, 0, 1); }

/// p_t ~ sqrt(E[L_t^2]), a little of it uniform; weights 1/(T p_t) keep the objective.
LevelSampler make_importance(Params& params) {
  const double uniform = params.number("uniform", 0.001);
  if (!(uniform > 0 && uniform <= 1)) params.refuse("uniform", "must lie in (0, 1]");
  return [=](const LevelDraw& draw, const Schedule& schedule, const LossHistory& history) {
    double total = 0;
    if (history.full())
      for (std::size_t t = 0; t < history.steps(); ++t) total += history.root_mean_square(t);
    if (!(total > 0)) return step_at(draw.uniform, schedule);
    const double count = double(schedule.steps());
    double left = draw.uniform, share = 0;
    std::size_t step = 0;
    for (;; ++step) {
      share = (1 - uniform) * history.root_mean_square(step) / total + uniform / count;
      if (left < share || step + 1 == history.steps()) break;
      left -= share;
    }
    return ChosenLevel{schedule.levels[step], step, 1 / (count * share)};
  };
}

constexpr LevelSamplerInfo rows[] = {
    {"uniform", "each step as likely as any other", "Ho et al. 2020", make_uniform},
    {"stratified", "uniform, but one from each of as many equal parts as the batch has images",
     "Kingma et al. 2021", make_stratified},
    {"log-normal", "ln(sigma/alpha) ~ N(mean, std^2), mean = -1.2, std = 1.2; between steps",
     "Karras et al. 2022, Table 1", make_log_normal, Memory::none, Levels::any},
    {"logit-normal", "logit(tau) = ln(sigma/alpha) ~ N(mean, std^2), mean = 0, std = 1",
     "Esser et al. 2024, Sec. 3.1", make_logit_normal, Memory::none, Levels::any},
    {"importance", "a step by the root of its losses' second moment, made up for by its weight",
     "Nichol and Dhariwal 2021, Sec. 3.3", make_importance, Memory::losses},
};

}  // namespace

std::span<const LevelSamplerInfo> level_samplers() { return rows; }

LevelSampler make_level_sampler(const std::string& spec) {
  return make_from(level_samplers(), spec, "level sampler");
}

Memory memory_of_level_sampler(const std::string& spec) {
  return find_row(level_samplers(), params_of_row(level_samplers(), spec).name(), "level sampler")
      .memory;
}

Levels levels_of_level_sampler(const std::string& spec) {
  return find_row(level_samplers(), params_of_row(level_samplers(), spec).name(), "level sampler")
      .levels;
}

double normal_quantile(double p) {
  if (p > 0.5) return -normal_quantile(1 - p);
  if (p <= 0) return -HUGE_VAL;
  // Abramowitz and Stegun 1964, 26.2.23, then Newton's steps on the exact function.
  const double r = std::sqrt(-2 * std::log(p));
  double z = (2.515517 + r * (0.802853 + r * 0.010328)) /
                 (1 + r * (1.432788 + r * (0.189269 + r * 0.001308))) -
             r;
  for (int i = 0; i < 3; ++i) {
    const double below = std::erfc(-z / std::sqrt(2.0)) / 2;
    const double density = std::exp(-z * z / 2) / std::sqrt(2 * 3.14159265358979323846);
    z -= (below - p) / density;
  }
  return z;
}

}  // namespace diffusion
