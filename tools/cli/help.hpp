// What --help prints, from the rows of flags.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "tools/cli/tool.hpp"

namespace diffusion::cli {

/// Help as people read it: what it is, examples, then the options; those of the tool that
/// serve a subcommand stand in its help too. Refers to `rows`.
std::shared_ptr<CLI::FormatterBase> help_formatter(std::string summary,
                                                   std::vector<Example> examples,
                                                   const std::vector<Row>& rows);

}  // namespace diffusion::cli
