// Completion scripts for shells, generated from a tool's own flags.
#pragma once
#include <string>
#include <vector>

#include "tools/cli/flags.hpp"

namespace diffusion::cli {

/// The script for "bash", "zsh" or "fish": subcommands, the flags that mean something to
/// the one at hand, and their values: names of registries, files by their endings.
std::string completion_script(const CLI::App& app, const std::vector<Row>& rows,
                              const std::string& shell);

}  // namespace diffusion::cli
