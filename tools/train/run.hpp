// A training run: from the command line to the last checkpoint.
#pragma once
#include "lib/base/json.hpp"
#include "tools/train/options.hpp"

namespace diffusion {

/// The configuration of a run: defaults or the resumed file's, then --config,
/// --set and plain flags, each over the one before.
Json resolved_config(cli::Tool& tool, const TrainRequest& request);

/// Trains and saves. Ctrl-C saves the last finished step.
cli::ExitCode train(cli::Tool& tool, const TrainRequest& request);

}  // namespace diffusion
