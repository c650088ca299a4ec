#include "lib/schedule/exchange/timestep_match.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace diffusion {
namespace {

constexpr double close_timesteps = 1e-6;  // of their size: what a file's digits may lose
constexpr double close_lambdas = 0.01;

double slack_at(double timestep) { return close_timesteps * (1 + std::abs(timestep)); }

/// Whether timesteps are 1000 tau throughout, as they are on the straight path but for tables
/// made by hand: they then mean the same in every table.
bool follows_tau(const Schedule& schedule) {
  return schedule.path == Path::straight &&
         std::ranges::all_of(schedule.levels, [](const NoiseLevel& level) {
           return std::abs(level.timestep - 1000 * level.sigma) <= slack_at(level.timestep);
         });
}

/// lambda at a timestep, linear between those of the table; nothing beyond them.
std::optional<double> lambda_at(const Schedule& schedule, double timestep) {
  const auto& levels = schedule.levels;
  const double slack = slack_at(timestep);
  if (timestep < levels.front().timestep - slack || timestep > levels.back().timestep + slack)
    return std::nullopt;
  const auto after = std::ranges::lower_bound(levels, timestep - slack, {}, &NoiseLevel::timestep);
  if (after->timestep <= timestep + slack) return after->lambda;
  const NoiseLevel &cleaner = *(after - 1), &noisier = *after;
  const double share = (timestep - cleaner.timestep) / (noisier.timestep - cleaner.timestep);
  return cleaner.lambda + share * (noisier.lambda - cleaner.lambda);
}

double gap(const NoiseLevel& level, const std::optional<double>& learnt) {
  if (!learnt) return std::numeric_limits<double>::infinity();
  return level.lambda == *learnt ? 0 : std::abs(level.lambda - *learnt);
}

}  // namespace

std::optional<TimestepMismatch> timestep_mismatch(const Schedule& learnt, const Schedule& given) {
  if (follows_tau(learnt) && follows_tau(given)) return std::nullopt;
  std::optional<TimestepMismatch> worst;
  double widest = close_lambdas;
  for (const NoiseLevel& level : given.levels) {
    const auto meant = lambda_at(learnt, level.timestep);
    if (gap(level, meant) <= widest) continue;
    widest = gap(level, meant);
    worst = {level, meant};
  }
  return worst;
}

}  // namespace diffusion
