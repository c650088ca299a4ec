// Completion scripts for shells, generated from a tool's own options.
#pragma once
#include <string>

#include "tools/cli/tool.hpp"

namespace diffusion::cli {

/// The script for "bash", "zsh" or "fish": options and subcommands complete to
/// their names, everything else to files.
std::string completion_script(const CLI::App& app, const std::string& shell);

}  // namespace diffusion::cli
