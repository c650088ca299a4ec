// Drawing samples: what diff-sample does unless a subcommand says otherwise.
#pragma once
#include <string>

#include "tools/cli/tool.hpp"
#include "tools/sample/control.hpp"
#include "tools/sample/film.hpp"
#include "tools/sample/output.hpp"
#include "tools/sample/plane.hpp"
#include "tools/sample/scatter.hpp"
#include "tools/sample/source.hpp"
#include "tools/sample/start.hpp"

namespace diffusion {

struct SampleRequest {
  SourceRequest source;
  GridRequest grid;
  ControlRequest control;
  StartRequest start;
  FilmRequest films;
  SheetRequest sheet;
  ScatterRequest scatter;
  PlaneRequest plane;
  std::string sampler = "ddim";
  std::string output, trajectory;
  std::string format;  // of standard output; "": npy
  bool as_float = false, nfe = false, skip_existing = false;
};

void add_sample_options(const cli::Flags& flags, SampleRequest& request);

cli::ExitCode sample(const cli::Tool& tool, const SampleRequest& request);

}  // namespace diffusion
