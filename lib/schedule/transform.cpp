#include "lib/schedule/transform.hpp"

#include <cmath>
#include <limits>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

Schedule custom_like(const Schedule& schedule) {
  return {.family = "custom", .path = schedule.path, .extra = schedule.extra};
}

/// 1 - alpha on the variance-preserving path, without cancellation.
double lost(const NoiseLevel& level) { return level.sigma * level.sigma / (1 + level.alpha); }

/// The level of a given alpha, 1 - alpha being `lost`: each is exact where it is small.
NoiseLevel level_at(double alpha, double lost, double timestep) {
  const double sigma = std::sqrt(lost * (1 + alpha));
  return {std::log(alpha / sigma), alpha, sigma, timestep};
}

/// sqrt(alpha_bar) moved and stretched, by the form that does not cancel.
NoiseLevel stretched(const NoiseLevel& level, const NoiseLevel& first, const NoiseLevel& last) {
  const double stretch = first.alpha / (first.alpha - last.alpha);
  const double alpha = stretch * (level.alpha - last.alpha);
  if (alpha < 0.5) return level_at(alpha, 1 - alpha, level.timestep);
  const double little = lost(first) + stretch * (lost(level) - lost(first));
  return level_at(1 - little, little, level.timestep);
}

}  // namespace

Schedule with_zero_terminal_snr(const Schedule& schedule) {
  if (schedule.path == Path::straight)
    throw Error("zero-snr: the straight path ends at pure noise where sigma is 1; " +
                schedule.family + " is not variance preserving");
  if (schedule.path != Path::variance_preserving)
    throw Error("zero-snr: the signal never fades where the variance explodes; " + schedule.family +
                " is not variance preserving");
  if (schedule.steps() < 2)
    throw Error("zero-snr: needs two steps, one that stays and one that becomes pure noise");
  const NoiseLevel &first = schedule.levels.front(), &last = schedule.levels.back();
  Schedule made = custom_like(schedule);
  made.levels.push_back(first);
  for (std::size_t i = 1; i + 1 < schedule.levels.size(); ++i)
    made.levels.push_back(stretched(schedule.levels[i], first, last));
  made.levels.push_back({-std::numeric_limits<double>::infinity(), 0, 1, last.timestep});
  made.betas = betas_of(made.levels);
  return made;
}

Schedule shifted(const Schedule& schedule, double amount) {
  if (!std::isfinite(amount)) throw Error("`by` " + shortest(amount) + ": must be finite");
  Schedule made = custom_like(schedule);
  for (const NoiseLevel& level : schedule.levels) {
    NoiseLevel moved = on_path(schedule.path, level.lambda + amount / 2);
    moved.timestep = level.timestep;
    if (schedule.path == Path::straight && level.sigma > 0)
      moved.timestep *= moved.sigma / level.sigma;
    made.levels.push_back(moved);
  }
  if (made.path == Path::variance_preserving) made.betas = betas_of(made.levels);
  return made;
}

double resolution_shift(double from, double to) {
  if (!(from > 0 && to > 0 && std::isfinite(from) && std::isfinite(to)))
    throw Error("`from` " + shortest(from) + " `to` " + shortest(to) +
                ": sides of images are positive numbers of pixels");
  return 2 * std::log(from / to);
}

namespace {

void need_positive_factor(double factor) {
  if (!(factor > 0 && std::isfinite(factor)))
    throw Error("`factor` " + shortest(factor) + ": must be a positive number");
}

}  // namespace

double flow_shift(double factor) {
  need_positive_factor(factor);
  return -2 * std::log(factor);
}

Schedule scaled(const Schedule& schedule, double factor) {
  need_positive_factor(factor);
  if (schedule.path == Path::straight)
    throw Error(
        "scale: alpha + sigma is 1 on the straight path, so sigmas cannot be scaled alone; "
        "a shift by a factor moves along it");
  std::vector<double> values = schedule.betas;
  if (schedule.path == Path::variance_exploding)
    for (const NoiseLevel& level : schedule.levels) values.push_back(level.sigma);
  for (double& value : values) value *= factor;
  Schedule made;
  try {
    made = schedule.path == Path::variance_preserving ? from_betas(std::move(values))
                                                      : from_sigmas(schedule.path, values);
  } catch (const Error& e) {
    throw Error("scale by " + shortest(factor) + ": " + e.what());
  }
  made.extra = schedule.extra;
  for (std::size_t i = 0; i < made.levels.size(); ++i)
    made.levels[i].timestep = schedule.levels[i].timestep;
  return made;
}

void note_origin(Schedule& made, const Schedule& from, const std::string& command) {
  const bool first = !made.extra.contains("made_by") || !made.extra["made_by"].is_array();
  if (first) {
    made.extra["made_from"] = {
        {"family", from.family}, {"params", from.params}, {"T", from.steps()}};
    made.extra["made_by"] = Json::array();
  }
  made.extra["made_by"].push_back(printable(command));
}

}  // namespace diffusion
