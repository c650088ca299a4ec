// diff-sample compare: samplers side by side, quality against steps.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "tools/cli/tool.hpp"
#include "tools/sample/control.hpp"
#include "tools/sample/source.hpp"

namespace diffusion {

struct CompareRequest {
  SourceRequest source;
  ControlRequest control;
  std::vector<std::string> samplers;     // each: specs between commas
  std::string steps, grid = "trailing";  // 5,10,20,50 steps, as far as the schedule has them
  std::string reference = "ode:rtol=1e-5,atol=1e-5";
  std::size_t count = 8, batch = 64, shown = 1;
  std::uint64_t first = 0, seed = 0;
  std::string output, sheet, plot;  // files, or ""
  bool json = false;
};

/// Adds the subcommand; `request` must outlive the tool.
const CLI::App* add_compare(cli::Tool& tool, CompareRequest& request);

/// Throws Error.
cli::ExitCode compare(const cli::Tool& tool, const CompareRequest& request);

}  // namespace diffusion
