// Feature extractors: what turns images into vectors that metrics compare.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/json_at.hpp"
#include "lib/base/params.hpp"
#include "lib/image/image.hpp"
#include "lib/tensor/array_program.hpp"
#include "lib/tensor/tensor.hpp"
#include "lib/xla/executable_cache.hpp"

namespace diffusion {

/// Whether values are rounded to 8 bits first, as writing a PNG would, so that a
/// pipe of floats and a folder of pictures give the same number.
enum class Rounding { eight_bits, none };

/// What metrics ask for. Every extractor gives features (a vector an image); a
/// classifier also the scores of its classes before the softmax, and values that keep
/// their place in the image.
enum class FeatureKind { features, logits, spatial };

/// n x d for each kind that was asked for.
using FeatureRows = std::vector<Tensor>;

/// What an extractor gives of an image is a function of that image alone: the same
/// bits whatever the batch, the number of threads and the other kinds asked for (these may
/// change the last bits on a device).
struct FeatureExtractor {
  /// What must agree between sets that are compared: an object with "features"
  /// (the name, with its version) and whatever else matters.
  Json provenance;
  /// What the extractor makes of one image before its batch: H x W x C. Callable from
  /// any thread. Throws Error, without a culprit, when the image cannot be used.
  std::function<Tensor(const Image&)> prepare;
  /// Prepared images, all of one shape -> n x d for each kind asked for, in one pass.
  /// Uses all threads. The kinds are among `kinds`.
  std::function<FeatureRows(std::span<const Tensor> images, std::span<const FeatureKind> wanted)>
      run;
  /// Where a device computes: begins the same, and gives what waits for the rows. The images
  /// are not looked at again.
  std::function<std::function<FeatureRows()>(std::span<const Tensor> images,
                                             std::span<const FeatureKind> wanted)>
      begin = {};
  std::vector<FeatureKind> kinds = {FeatureKind::features};
  /// How many images are best handed to run() when several threads call it at once, each
  /// with other images; 0: that may not be done. Of begin(): a multiple is best.
  std::size_t piece = 0;
  /// As Model::finish: what went wrong at the end of a program.
  std::function<std::optional<std::string>()> finish = {};

  std::string name() const { return JsonAt(provenance, "provenance")["features"].text(); }
};

/// `run` of an extractor that gives features only.
template <class Run>
auto features_only(Run run) {
  return [run = std::move(run)](std::span<const Tensor> images, std::span<const FeatureKind>) {
    return std::vector<Tensor>{run(images)};
  };
}

/// Where networks are evaluated.
struct FeatureDevice {
  std::shared_ptr<xla::Client> client = {};  // its first device; none: our own engine
  xla::CompileWatch watch = {};
  std::size_t group = 64;  // images that the device takes at once
};

struct FeatureSettings {
  Rounding rounding = Rounding::eight_bits;
  double patience = usual_patience;  // seconds that a program of exec: may be silent, 0: for ever
  FeatureDevice device = {};         // nothing to extractors without a network
};

/// A row of the registry: a new extractor is one file and one row in features.cpp.
struct FeatureFamily {
  std::string name, summary, reference;
  FeatureExtractor (*make)(Params& params, const FeatureSettings& settings);
};

std::span<const FeatureFamily> feature_families();

/// The parameters that an extractor knows. Opens no file.
std::vector<Parameter> feature_parameters(const FeatureFamily& row);

/// `spec`: "random", "pixels". Throws Error that lists the families there are. Features are the
/// same on every device but for their last bits, so that provenance says nothing of it.
FeatureExtractor make_features(const std::string& spec, const FeatureSettings& settings = {});

/// Grey repeated: H x W x 3, whatever it was.
Tensor three_channels(const Tensor& image);

/// Values on the scale 0..255 without alpha: H x W x 1 or H x W x 3. Throws Error
/// when a value is not finite.
Tensor byte_scale(const Image& image, Rounding rounding);

}  // namespace diffusion
