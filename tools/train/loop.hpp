// The steps of a training run, and what happens between them: log, checkpoints,
// validation, previews.
#pragma once
#include "lib/train/trainer.hpp"
#include "lib/train/validation.hpp"
#include "tools/train/options.hpp"

namespace diffusion {

/// Trains until the end, --until, --max-time or Ctrl-C, and saves. `validation` may be
/// null.
cli::ExitCode run_steps(cli::Tool& tool, const TrainRequest& request, Trainer& trainer,
                        const Validation* validation);

}  // namespace diffusion
