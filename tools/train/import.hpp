// diff-train import: networks of other programs as model files.
#pragma once
#include "lib/models/import.hpp"
#include "tools/cli/tool.hpp"

namespace diffusion {

struct ImportRequest {
  PublishedFile from;
  std::string output;
  bool force = false;
};

/// Adds the subcommand; `request` must outlive the tool.
const CLI::App* add_import(cli::Tool& tool, ImportRequest& request);

/// Throws Error.
cli::ExitCode import_model(const cli::Tool& tool, const ImportRequest& request);

}  // namespace diffusion
