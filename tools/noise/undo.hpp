// diff-noise undo: from x_t and what a network predicts back to x0 and everything else.
#pragma once
#include <optional>
#include <string>

#include "tools/cli/tool.hpp"

namespace diffusion {

struct UndoRequest {
  std::string x_t, predicted;  // .npy files, or numbers "1.2,-0.3"
  std::string predicts = "eps";
  std::string schedule = "cosine";
  int length = 0;                   // T of a family
  std::string step = "";            // a number, or a .npy file of one a row
  std::optional<double> alpha_bar;  // instead of a step
  std::optional<double> beta;       // of the step to that alpha_bar
  std::optional<int> to;            // the mean is of x at this step; default: one before
  bool clip = false;
  std::string give = "";  // "": all of numbers, x0 of arrays
  std::string output = "-";
};

/// Adds the subcommand and its options.
const CLI::App* add_undo(cli::Tool& tool, UndoRequest& request);

cli::ExitCode run_undo(const cli::Tool& tool, const UndoRequest& request);

}  // namespace diffusion
