// diff-fid neighbours: samples that copy an image of the training set, or each other.
#pragma once
#include "tools/fid/run.hpp"

namespace diffusion {

cli::ExitCode show_neighbours(FidRun& run);

}  // namespace diffusion
