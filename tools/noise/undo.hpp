// diff-noise undo: from x_t and what a network predicts back to x0 and everything else.
#pragma once
#include <string>

#include "tools/noise/quantities.hpp"

namespace diffusion {

struct UndoRequest {
  QuantityRequest given;  // x_t and a prediction
  std::string predicts = "eps";
  bool clip = false;
};

/// Adds the subcommand and its options.
const CLI::App* add_undo(cli::Tool& tool, UndoRequest& request);

cli::ExitCode run_undo(const cli::Tool& tool, const UndoRequest& request);

}  // namespace diffusion
