// diff-fid clip-score: how well images suit their texts, from the embeddings of both.
#pragma once
#include "tools/fid/run.hpp"

namespace diffusion {

cli::ExitCode show_clip_score(FidRun& run);

}  // namespace diffusion
