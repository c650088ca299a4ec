// One run of diff-fid: what it was asked, and the reader of its sets.
#pragma once
#include "lib/base/json.hpp"
#include "lib/fid/set_reader.hpp"
#include "tools/fid/options.hpp"

namespace diffusion {

struct FidRun {
  FidRun(cli::Tool& told, const FidOptions& asked);

  /// 1 where images were left out.
  cli::ExitCode ending() const { return reader.failed() > 0 ? cli::partial : cli::done; }

  cli::Tool& tool;
  const FidOptions& options;
  SetReader reader;
  bool json;  // reports are
};

/// Prints a report of names and values as the options ask: to -o, as JSON or lines.
void print_report(const FidRun& run, const Json& report);

/// Throws Error for a flag about images where the sets opened so far hold none.
void refuse_idle_reading(const FidRun& run);

/// Warns where a set is so small that the distance of its Gaussian is mostly bias.
void warn_of_size(const FidRun& run, const FeatureStatistics& set);

}  // namespace diffusion
