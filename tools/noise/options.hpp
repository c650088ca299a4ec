// What diff-noise is told.
#pragma once
#include <string>

#include "tools/cli/tool.hpp"
#include "tools/noise/levels.hpp"
#include "tools/noise/request.hpp"

namespace diffusion {

struct NoiseOptions {
  NoiseRequest request;
  std::string schedule = "cosine";
  int length = 0;  // T of a family
  LevelOptions levels;
  AlphaChannel alpha = AlphaChannel::kept;
};

/// Adds the flags; `options` must outlive the tool.
void add_noise_options(cli::Tool& tool, NoiseOptions& options);

}  // namespace diffusion
