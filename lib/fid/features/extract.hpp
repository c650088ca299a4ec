// From a set of images to rows of features, a batch at a time.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "lib/fid/features/features.hpp"
#include "lib/image/image_set.hpp"

namespace diffusion {

struct ExtractionHooks {
  /// What stands before an image's name in messages: the folder, with its slash.
  std::string folder;
  std::vector<FeatureKind> wanted = {FeatureKind::features};
  /// What was wanted of the next images, in the order of the set: n x d each.
  std::function<void(const std::vector<Tensor>& rows)> take;
  /// The name of each image whose rows come with the next take(), in their order.
  std::function<void(const std::string& name)> name = [](const std::string&) {};
  /// One image that is left out, and why: "PATH: ...". Called in the order of the set.
  std::function<void(const std::string& message)> complain;
  /// Images seen so far.
  std::function<void(std::size_t seen)> progress;
};

struct ExtractionCount {
  std::size_t done = 0, failed = 0;
};

/// Decodes and prepares a batch of images while the network runs on the batch before.
/// Memory does not grow with the set. Images that cannot be read, or that the
/// extractor cannot use beside those before, are left out and counted. Throws Error when an
/// archive breaks off: what is lost cannot be counted. Stops by Interrupted.
ExtractionCount extract_features(ImageSet& images, const FeatureExtractor& extractor,
                                 const ExtractionHooks& hooks);

}  // namespace diffusion
