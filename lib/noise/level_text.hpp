// Noise levels as people write them: "100", "100,500,900", "100:1000:100", "all"; "0.5,2" of
// a signal-to-noise ratio. `flag` is how messages call what was given.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "lib/noise/noising.hpp"

namespace diffusion {

/// The steps of a list, in that order: numbers, ranges FROM:TO or FROM:TO:STRIDE with both
/// ends, "all" for 1..`highest`. Throws Error for what is not a step in 0..`highest` (0 is
/// clean data), or is named twice.
std::vector<std::int64_t> parse_steps(const std::string& flag, const std::string& list,
                                      std::int64_t highest);

/// How a level that need not be a step is named.
enum class LevelUnit {
  snr,       // alpha^2 / sigma^2
  ve_sigma,  // sigma / alpha
  lambda,    // log(alpha / sigma)
};

/// The levels of the schedule's path with these numbers, in that order. Throws Error for
/// what is not a number, has no level on that path, or is named twice.
std::vector<LevelAsked> parse_levels(const std::string& flag, LevelUnit unit,
                                     const std::string& list, const Schedule& schedule);

/// One level: a step "500", or "snr=0.5", "ve-sigma=2" or "lambda=-1" of the schedule's
/// path. Throws Error.
LevelAsked parse_level(const std::string& flag, const std::string& text, const Schedule& schedule);

/// Any level, as the step of the schedule that it is, or else as its sigma/alpha.
LevelAsked level_asked(const Schedule& schedule, const NoiseLevel& level);

}  // namespace diffusion
