// From an image set to the images that are trained on.
#pragma once
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/ranks.hpp"
#include "lib/image/image_set.hpp"
#include "lib/image/labels.hpp"
#include "lib/train/config.hpp"
#include "lib/train/training_set.hpp"

namespace diffusion {

/// Called now and then with the number of images read so far.
using LoadProgress = std::function<void(std::size_t done, std::optional<std::size_t> total)>;

/// Whether classes are wanted: only then are a source's labels kept.
enum class LabelUse { ignore, keep };

struct LoadOptions {
  LabelUse labels = LabelUse::ignore;
  ArrayValues values = ArrayValues::pictures;  // as they are: of any number of channels
  /// Bytes of pixels that may be held; a set of more is streamed.
  std::size_t memory = std::numeric_limits<std::size_t>::max();
  LoadProgress progress = {};
  /// Several each decode a part of a set, and stream it whatever its size; of one that passes by,
  /// from a pipe, each takes the whole.
  Ranks ranks = {};
  std::string called = "the images";  // in messages
};

struct LoadedImages {
  TrainingSet images;
  std::vector<std::string> failures;  // "photos/a.png: ...", one a file that was left out
  Unlabelled unlabelled = {};         // where labels were to be kept
};

/// Reads a set whole, decoding on all threads: also one that will be streamed, so that
/// what is trained on is the same. The first image says the size and whether there is
/// colour; grey images join a set of colour, and opacity that is left is dropped. Bad files are
/// left out and named. Throws Error when sizes differ (naming both), when nothing could be read,
/// when labels are to be kept and no image has one, or when the images are more than
/// memory may hold and can be read but once.
LoadedImages load_training_set(const ImageSet& set, const LoadOptions& options = {});

/// How images are read that are trained on: as `given`, and as the configuration makes
/// them alike.
ImageSetOptions training_reading(ImageSetOptions given, const TrainConfig::Data& data);

/// ... and those of data.validation_data, which is one set: grey ones join those trained
/// on, `like`, where these have colour. Throws Error for labels in a file, which go with
/// the images trained on.
ImageSetOptions validation_reading(ImageSetOptions given, const TrainConfig::Data& data,
                                   const TrainingSet& like);

/// Numbers the classes of `images` as `like` has them. Throws Error, opened by `culprit`,
/// where they have other sizes or classes.
void match_images(TrainingSet& images, const TrainingSet& like, const std::string& culprit);

}  // namespace diffusion
