// diff-sample step: one step down the noise, for those whose model lives elsewhere.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "tools/cli/tool.hpp"
#include "tools/sample/source.hpp"

namespace diffusion {

struct StepRequest {
  std::string state, prediction;  // files, or "-" for one of them
  std::string schedule, predicts = "eps", sampler = "ddim";
  std::string from, to;  // levels; "": those of step `index` of the grid
  GridRequest grid;
  std::optional<std::uint32_t> index;  // of the step, the first being 1
  std::uint64_t seed = 0, first = 0;
  std::string draw;  // a file of the noise to add, or ""
  std::string clip = "none";
  std::string output = "-", x0;
};

/// Adds the subcommand; `request` must outlive the tool.
const CLI::App* add_step(cli::Tool& tool, StepRequest& request);

/// Throws Error.
cli::ExitCode take_step(const cli::Tool& tool, const StepRequest& request);

}  // namespace diffusion
