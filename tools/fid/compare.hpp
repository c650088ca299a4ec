// diff-fid REAL FAKE: the metrics of two sets, as lines or JSON.
#pragma once
#include "tools/fid/run.hpp"

namespace diffusion {

cli::ExitCode show_comparison(FidRun& run);

}  // namespace diffusion
