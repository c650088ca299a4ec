// From a DATA argument to rows of features: sets of images, statistics and ready features,
// read one after another with one extractor.
#pragma once
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lib/fid/feature_set.hpp"
#include "lib/fid/source.hpp"

namespace diffusion {

/// Called with what is done so far.
using Advance = std::function<void(std::size_t done)>;

/// What is told while sets are read and compared; by default nothing.
struct ReadingHooks {
  using Say = std::function<void(const std::string& message)>;

  /// Images that are left out, and why: "PATH: ...".
  Say complain = [](const std::string&) {};
  /// What a person should know, and what one may ask for.
  Say say = [](const std::string&) {}, explain = [](const std::string&) {};
  /// Some long work begins, of `total` units (0: not known). What it returns is let go of when
  /// that work ends.
  std::function<Advance(const std::string& title, std::size_t total, const std::string& unit)>
      begin =
          [](const std::string&, std::size_t, const std::string&) { return [](std::size_t) {}; };
};

struct ReadingSettings {
  std::function<FeatureExtractor()> extractor;  // asked once, when the first images need it
  ImageSetOptions images = {};
  Extent extent = {};   // of every set
  bool strict = false;  // the first image that cannot be used is an Error
};

/// A DATA argument that was recognised, not read.
struct OpenSet {
  std::string data;
  FeatureSource source;
  bool images_beside = false;             // of statistics, for what needs them
  std::optional<KnownWidth> beside = {};  // of the set that it is compared with
};

/// Of statistics and ready rows; of images nothing is known.
std::optional<KnownWidth> known_width(const OpenSet& set);

/// Takes rows of several kinds, each n x d.
using TakeRows = std::function<void(std::span<const Tensor> rows)>;
/// Takes the name of each image whose rows come next.
using TakeName = std::function<void(const std::string& name)>;

struct Taker {
  std::vector<FeatureKind> kinds = {FeatureKind::features};
  TakeRows rows;
  TakeName name = [](const std::string&) {};
};

class SetReader {
 public:
  explicit SetReader(ReadingSettings settings, ReadingHooks hooks = {})
      : settings_(std::move(settings)), hooks_(std::move(hooks)) {}

  const ReadingHooks& hooks() const { return hooks_; }
  /// Whether sets are read in parts, which may be empty.
  bool in_parts() const { return settings_.extent.shard.has_value(); }
  /// Whether one of the sets opened so far holds images.
  bool met_images() const { return met_images_; }
  /// Images left out so far.
  std::size_t failed() const { return failed_; }

  /// Its provenance also says how images are read.
  const FeatureExtractor& extractor();

  /// Throws Error; also for standard input, "-", the second time.
  OpenSet open(const std::string& data);

  /// The images of a set, also those beside statistics, which they replace; null if there are
  /// none.
  ImageSet* images_of(OpenSet& set) const;

  /// What is known of the origin of its features before there are any.
  const Json& provenance_of(const OpenSet& set);

  /// Why `set` cannot give that: "needs logits, which random-v1 does not give"; nothing if
  /// it can.
  std::optional<std::string> lacks(const OpenSet& set, const Keep& wanted);

  /// Hands on the features of images, or ready rows, and returns their provenance (empty, if
  /// they were ready: these stand for every kind). Images that cannot be used are named and
  /// counted; throws Error when none can, or where `strict` when one cannot, and when the first
  /// features are not as many as those beside.
  Json pass(OpenSet set, const Taker& taker);

  /// To be called when all is read and before the features are relied on: complains of what went
  /// wrong at the end of a program. Throws Error where its features may be of other images.
  void conclude();

  /// Features in a row of that kind, which the first image of `data` tells.
  std::size_t width_of(const std::string& data, FeatureKind kind);

 private:
  Json pass_images(const std::string& data, ImageSet& images, const Taker& taker);
  void count_failures(const std::string& data, std::size_t done, std::size_t failed);

  ReadingSettings settings_;
  ReadingHooks hooks_;
  std::optional<FeatureExtractor> extractor_;
  std::size_t failed_ = 0;
  std::set<std::string> piped_ = {};  // what can be read once and was taken
  bool met_images_ = false;
};

/// Why statistics lack what is wanted of them; nothing if they do not.
std::optional<std::string> lacking(const SetStatistics& statistics, const std::string& data,
                                   const Keep& wanted);

}  // namespace diffusion
