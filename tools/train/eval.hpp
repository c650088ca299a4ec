// diff-train eval: how well a model knows images that it is shown.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/image/image_set.hpp"
#include "tools/cli/tool.hpp"

namespace diffusion {

struct EvalRequest {
  std::string model, schedule, weights, variance, device;
  std::optional<std::string> labels;  // "own", "prefix" or a file; none: not looked at
  std::vector<std::string> data;
  std::size_t count = 100;  // images, from the first
  int steps = 100;          // terms visited for an image
  int ode = 0;              // steps along the probability-flow ODE; 0: not asked for
  int bands = 10;
  std::uint64_t seed = 0;
  bool by_class = false, no_clip = false, json = false;
  ImageSetOptions reading = {};
};

/// Adds the subcommand; `request` must outlive the tool.
const CLI::App* add_eval(cli::Tool& tool, EvalRequest& request);

/// Prints loss by band of t, bits per dimension, and both by class. Throws Error.
cli::ExitCode evaluate(cli::Tool& tool, const EvalRequest& request);

}  // namespace diffusion
