// diff-train export: a trained network for other programs.
#pragma once
#include <string>

#include "tools/cli/tool.hpp"

namespace diffusion {

struct ExportRequest {
  std::string model, output, weights, scheduler;
  std::string kind = "diffusers";
};

/// Adds the subcommand; `request` must outlive the tool.
const CLI::App* add_export(cli::Tool& tool, ExportRequest& request);

/// Throws Error.
cli::ExitCode export_model(const cli::Tool& tool, const ExportRequest& request);

}  // namespace diffusion
