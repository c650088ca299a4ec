#include "tools/noise/levels.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/noise/level_text.hpp"

namespace diffusion {
namespace {

std::vector<LevelAsked> at_steps(std::vector<std::int64_t> steps, std::int64_t every,
                                 const Schedule& schedule) {
  if (every > 0) {
    const std::int64_t last = std::ranges::max(steps);
    for (std::int64_t t = every; t <= last; t += every) steps.push_back(t);
    std::ranges::sort(steps);
    steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
  }
  std::vector<LevelAsked> levels;
  for (const std::int64_t t : steps) levels.push_back(step_asked(schedule, t));
  return levels;
}

}  // namespace

void add_level_options(const cli::Flags& flags, LevelOptions& options) {
  flags.add({"-t", "T,...", "Steps: numbers, ranges FROM:TO:STRIDE, all, or random; 0 is clean",
             cli::words({"all", "random"})},
            options.steps);
  flags.add({"--snr", "X,...", "Levels by signal-to-noise ratio, instead of -t"}, options.snr);
  flags.add({"--ve-sigma", "X,...", "Levels by sigma/alpha, instead of -t"}, options.ve_sigma);
  flags.add({"--lambda", "X,...", "Levels by log(alpha/sigma), instead of -t"}, options.lambda);
  flags.add({"--chain", "", "Go step by step instead of in closed form"}, options.chain);
  flags.add({.names = "--every",
             .value = "N",
             .help = "With --chain: every N-th step too, up to the last -t",
             .values = cli::whole(1, max_steps),
             .otherwise = cli::unsaid},
            options.every);
}

std::vector<LevelAsked> levels_asked(const LevelOptions& options, const Schedule& schedule) {
  const bool steps = !options.steps.empty();
  const int given =
      steps + !options.snr.empty() + !options.ve_sigma.empty() + !options.lambda.empty();
  if (given == 0)
    throw Error("no noise level: needs -t, such as -t 500, or --snr, --ve-sigma or --lambda");
  if (given > 1) throw Error("one of -t, --snr, --ve-sigma and --lambda, not several");
  if (options.chain && !steps) throw Error("--chain visits the steps of the schedule: needs -t");
  if (options.every > 0 && !options.chain)
    throw Error("--every shows the steps of --chain; without it, -t takes ranges: 100:1000:100");
  if (options.every > 0 && options.steps == "random")
    throw Error("--every needs a last step that all images share, not -t random");

  if (options.steps == "random") return {};
  if (options.steps.find("random") != std::string::npos)
    throw Error("-t " + options.steps + ": random stands alone, and draws one step an image");
  if (steps)
    return at_steps(parse_steps("-t", options.steps, schedule.steps()), options.every, schedule);
  if (!options.snr.empty()) return parse_levels("--snr", LevelUnit::snr, options.snr, schedule);
  if (!options.ve_sigma.empty())
    return parse_levels("--ve-sigma", LevelUnit::ve_sigma, options.ve_sigma, schedule);
  return parse_levels("--lambda", LevelUnit::lambda, options.lambda, schedule);
}

}  // namespace diffusion
