// What diff-fid is asked to do.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lib/fid/features/features.hpp"
#include "lib/fid/source.hpp"
#include "lib/image/image_set.hpp"
#include "tools/cli/tool.hpp"

namespace diffusion {

struct FidOptions {
  std::string real, fake;         // of a comparison
  std::vector<std::string> data;  // of a subcommand
  std::string features = "random", device, output = "-";
  std::string metrics = "frechet";
  FeatureKind kind = FeatureKind::features;  // to write
  Extent extent;                             // of every set
  bool no_round = false, floor = false, strict = false;
  std::size_t resamples = 0;              // of the bootstrap
  double exec_patience = usual_patience;  // seconds; 0: for ever
  ImageSetOptions images;
  // Of `neighbours`:
  std::string sheet;
  std::size_t first = 20;
  double threshold = 1.0 / 3;
};

/// The subcommands that read one set, or several files, or two sets.
struct FidCommands {
  const CLI::App *features, *stats, *merge, *neighbours, *clip_score;
};

FidCommands add_fid_options(cli::Tool& tool, FidOptions& options);

}  // namespace diffusion
