// diff-sample invert: from images back to the noise that a sampler makes them from.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/image/image_set.hpp"
#include "tools/cli/tool.hpp"
#include "tools/sample/control.hpp"
#include "tools/sample/source.hpp"

namespace diffusion {

struct InvertRequest {
  SourceRequest source;
  std::vector<std::string> data;
  ImageSetOptions reading = {};
  GridRequest grid;
  ControlRequest control;
  std::string sampler = "ddim";
  int corrections = 0;
  std::optional<std::size_t> count;  // images, from the first; none: all
  std::size_t batch = 64;
  bool check = false, json = false;
  std::string output;  // "": standard output, or nothing where the way back is checked
};

/// Adds the subcommand; `request` must outlive the tool.
const CLI::App* add_invert(cli::Tool& tool, InvertRequest& request);

/// Throws Error.
cli::ExitCode invert(const cli::Tool& tool, const InvertRequest& request);

}  // namespace diffusion
