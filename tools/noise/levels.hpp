// Which noise levels diff-noise is asked for: -t, --snr, --ve-sigma, --lambda, --every.
#pragma once
#include <string>
#include <vector>

#include "lib/noise/noising.hpp"
#include "tools/cli/tool.hpp"

namespace diffusion {

struct LevelOptions {
  std::string steps = "", snr = "", ve_sigma = "", lambda = "";
  bool chain = false;
  std::int64_t every = 0;  // of the chain; 0: the steps asked for alone
};

void add_level_options(const cli::Flags& flags, LevelOptions& options);

/// The levels of `options` on a schedule; none: a random step for each image. Throws
/// Error where they are not given, or given twice, or have no place on the chain.
std::vector<LevelAsked> levels_asked(const LevelOptions& options, const Schedule& schedule);

}  // namespace diffusion
