// diff-fid features, stats, merge: files that stand for images.
#pragma once
#include "tools/fid/run.hpp"

namespace diffusion {

cli::ExitCode write_feature_rows(FidRun& run);
cli::ExitCode write_stats(FidRun& run);
/// Statistics (.npz) become those of the union, features (.npy) follow each other.
cli::ExitCode merge_parts(FidRun& run);

}  // namespace diffusion
