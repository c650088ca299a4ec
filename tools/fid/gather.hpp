// diff-fid's way from a DATA argument to what is kept of its features.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lib/fid/feature_set.hpp"
#include "lib/fid/source.hpp"
#include "tools/fid/options.hpp"

namespace diffusion {

/// One run of the tool.
struct FidRun {
  cli::Tool& tool;
  const FidOptions& options;
  std::optional<FeatureExtractor> extractor{};  // made when the first images need it
  std::size_t failed = 0;                       // images left out
  bool piped = false;                           // standard input has been taken

  const FeatureExtractor& features();
};

/// A DATA argument that was recognised, not read.
struct OpenSet {
  std::string data;
  FeatureSource source;
  bool images_beside = false;  // of statistics, for what needs them
};

OpenSet open_set(FidRun& run, const std::string& data);

/// Its images, also those beside statistics, which they replace; null if there are none.
ImageSet* images_of(FidRun& run, OpenSet& set);

/// What is known of the origin of its features before there are any.
const Json& provenance_of(FidRun& run, const OpenSet& set);

/// Why `set` cannot give that to `who` (a metric): "needs logits, which random-v1 does not
/// give"; nothing if it can.
std::optional<std::string> lacks(FidRun& run, const OpenSet& set, const Keep& wanted);

/// Takes rows of several kinds, each n x d.
using TakeRows = std::function<void(std::span<const Tensor> rows)>;
/// Takes the name of each image whose rows come next.
using TakeName = std::function<void(const std::string& name)>;

struct Taker {
  std::vector<FeatureKind> kinds = {FeatureKind::features};
  TakeRows rows;
  TakeName name = [](const std::string&) {};
};

/// Hands on the features of images, or ready rows, and returns their provenance (empty, if
/// they were ready: these stand for every kind). Images that cannot be used are named and
/// counted; throws Error when none can, or with --strict when one cannot.
Json pass_rows(FidRun& run, OpenSet set, const Taker& taker);

/// A set, and its halves (every other image) where they are wanted.
struct Gathered {
  FeatureSet all;
  std::vector<FeatureSet> halves;
};
enum class Halves { none, both };

/// Keeps of a set what is asked for; ready statistics are as they are.
Gathered gather(FidRun& run, OpenSet set, const std::vector<Keep>& keep, Halves wanted);

}  // namespace diffusion
