// diff-noise add: from x_0 and eps, as numbers or arrays, to x_t and everything else.
#pragma once
#include "tools/noise/quantities.hpp"

namespace diffusion {

/// Adds the subcommand and its options.
const CLI::App* add_add(cli::Tool& tool, QuantityRequest& request);

cli::ExitCode run_add(const cli::Tool& tool, const QuantityRequest& request);

}  // namespace diffusion
