// Lists of noise levels on the command line: "100", "100,500,900", "0:1000:100",
// "all"; "0.5,2" of a signal-to-noise ratio.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lib/noise/noising.hpp"

namespace diffusion::cli {

/// The steps that `flag` was given, in that order: numbers, ranges FROM:TO or
/// FROM:TO:STRIDE with both ends, "all" for 1..`highest`. Throws Error for what is no
/// step in 0..`highest` (0 is clean data), or is named twice.
std::vector<std::int64_t> parse_steps(const std::string& flag, const std::string& list,
                                      std::int64_t highest);

/// How a level that need be no step is named.
enum class LevelUnit {
  snr,       // alpha^2 / sigma^2
  ve_sigma,  // sigma / alpha
  lambda,    // log(alpha / sigma)
};

/// The levels of the schedule's path that `flag` was given, in that order. Throws Error
/// for what is no number, has no level on that path, or is named twice.
std::vector<LevelAsked> parse_levels(LevelUnit unit, const std::string& list,
                                     const Schedule& schedule);

/// One level: a step "500", or "snr=0.5", "ve-sigma=2" or "lambda=-1" of the schedule's
/// path. Throws Error.
LevelAsked parse_level(const std::string& flag, const std::string& text, const Schedule& schedule);

/// What stands above its pictures: "t=300\nSNR 2.31", "sigma 2\nSNR 0.25", "SNR 0.5".
std::string caption(const LevelAsked& asked);

/// Any level, as the step of the schedule that it is, or else as its sigma/alpha.
LevelAsked level_asked(const Schedule& schedule, const NoiseLevel& level);

/// The characters of the longest line of all captions.
std::size_t longest_line(std::span<const std::string> captions);

/// Two lines, the first at least `width` long, so that all frames of an animation have
/// the same room for their captions.
std::string padded(const std::string& caption, std::size_t width);

}  // namespace diffusion::cli
