#include "lib/schedule/check.hpp"

#include <cmath>

#include "lib/base/text.hpp"

namespace diffusion {
namespace {

std::string at_step(std::size_t index, const std::string& what) {
  return "t = " + std::to_string(index + 1) + ": " + what;
}

}  // namespace

ScheduleReport check_schedule(const Schedule& schedule) {
  const NoiseLevel& last = schedule.levels.back();
  ScheduleReport report{.terminal_alpha = last.alpha,
                        .terminal_snr = last.alpha * last.alpha / (last.sigma * last.sigma),
                        .terminal_kl = -std::log(last.sigma),
                        .eps_gain = 1 / last.alpha,
                        .findings = {}};
  // The KL of N(alpha x0, sigma^2) to N(0, 1) with x0^2 = 1 is
  // (alpha^2 + sigma^2 - 1)/2 - log sigma: the first part is 0 where variance is preserved.
  report.terminal_kl += (last.alpha * last.alpha + last.sigma * last.sigma - 1) / 2;
  if (schedule.levels.front().clean())
    report.findings.push_back(at_step(0, "adds no noise (beta = 0)"));
  for (std::size_t i = 1; i < schedule.levels.size(); ++i) {
    const NoiseLevel &before = schedule.levels[i - 1], &now = schedule.levels[i];
    if (!(now.lambda < before.lambda))
      report.findings.push_back(at_step(i, "noise does not rise: log_snr " +
                                               significant(2 * now.lambda, 6) + " after " +
                                               significant(2 * before.lambda, 6)));
    if (!(now.timestep > before.timestep))
      report.findings.push_back(at_step(i, "timestep " + significant(now.timestep, 9) + " after " +
                                               significant(before.timestep, 9)));
  }
  return report;
}

}  // namespace diffusion
