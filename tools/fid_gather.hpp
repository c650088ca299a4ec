// diff-fid's way from a DATA argument to features and their statistics.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lib/fid/features.hpp"
#include "lib/fid/statistics.hpp"
#include "lib/image/image_set.hpp"
#include "tools/cli.hpp"

namespace diffusion {

struct FidOptions {
  std::string real, fake;         // of a comparison
  std::vector<std::string> data;  // of a subcommand
  std::string features = "random", output = "-";
  std::size_t limit = 0;  // images of a set; 0: all
  bool no_round = false, floor = false;
  ImageSetOptions images;
};

/// One run of the tool.
struct FidRun {
  cli::Tool& tool;
  const FidOptions& options;
  std::optional<FeatureExtractor> extractor{};  // made when the first images need it
  std::size_t failed = 0;                       // images left out

  const FeatureExtractor& features();
};

/// Hands on the features of DATA, images or ready rows, and returns their provenance
/// (empty, if they were ready). Images that cannot be used are named and counted;
/// throws Error when none can.
Json pass_rows(FidRun& run, const std::string& data,
               const std::function<void(const Tensor& rows)>& take);

/// Statistics of a set, and of its halves (every other image) where they are wanted.
struct Gathered {
  FeatureStatistics all;
  std::vector<FeatureStatistics> halves;
};
enum class Halves { none, both };

Gathered gather(FidRun& run, const std::string& data, Halves wanted);

}  // namespace diffusion
