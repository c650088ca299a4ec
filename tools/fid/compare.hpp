// diff-fid REAL FAKE: the metrics of two sets, as lines or JSON.
#pragma once
#include "tools/fid/gather.hpp"

namespace diffusion {

cli::ExitCode compare_sets(FidRun& run);

/// Warns where a set is so small that the distance of its Gaussian is mostly bias.
void warn_of_size(const FidRun& run, const FeatureStatistics& set);

/// Prints a report of names and values as the options ask: to -o, as JSON or lines.
void print_report(const FidRun& run, const Json& report);

}  // namespace diffusion
