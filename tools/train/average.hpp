// diff-train average: an average of a run's weights, made after the fact.
#pragma once
#include <string>
#include <vector>

#include "tools/cli/tool.hpp"

namespace diffusion {

struct AverageRequest {
  std::vector<std::string> models;
  std::string output;
  double sigma_rel = 0.1;
  bool force = false;
};

/// Adds the subcommand; `request` must outlive the tool.
const CLI::App* add_average(cli::Tool& tool, AverageRequest& request);

/// Writes the model file and says how near its profile is to the one asked for. Throws Error.
cli::ExitCode write_average(const cli::Tool& tool, const AverageRequest& request);

}  // namespace diffusion
