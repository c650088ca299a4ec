// Feature extractors: what turns images into vectors that metrics compare.
#pragma once
#include <functional>
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

namespace diffusion {

/// Whether values are rounded to 8 bits first, as writing a PNG would, so that a
/// pipe of floats and a folder of pictures give the same number.
enum class Rounding { eight_bits, none };

/// What metrics ask for. Every extractor gives features (a vector an image); a
/// classifier also the scores of its classes before the softmax, and values that keep
/// their place in the image.
enum class FeatureKind { features, logits, spatial };

/// What an extractor gives of an image is a function of that image alone: the same
/// bits whatever the batch, the number of threads and the other kinds asked for.
struct FeatureExtractor {
  /// What must agree between sets that are compared: an object with "features"
  /// (the name, with its version) and whatever else matters.
  Json provenance;
  /// What the extractor makes of one image before its batch: H x W x C. Callable from
  /// any thread. Throws Error, without a culprit, when the image cannot be used.
  std::function<Tensor(const Image&)> prepare;
  /// Prepared images, all of one shape -> n x d for each kind asked for, in one pass.
  /// Uses all threads. The kinds are among `kinds`.
  std::function<std::vector<Tensor>(std::span<const Tensor> images,
                                    std::span<const FeatureKind> wanted)>
      run;
  std::vector<FeatureKind> kinds = {FeatureKind::features};
  /// How many images are best handed to run() when several threads call it at once, each
  /// with other images; 0: that may not be done.
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

/// A row of the registry: a new extractor is one file and one row in features.cpp.
struct FeatureFamily {
  std::string name, summary, reference;
  FeatureExtractor (*make)(Params& params, Rounding rounding);
};

std::span<const FeatureFamily> feature_families();

/// The parameters that an extractor knows. Opens no file.
std::vector<Parameter> feature_parameters(const FeatureFamily& row);

/// `spec`: "random", "pixels". A program of `exec:` may be silent for `patience` seconds, 0
/// for ever. Throws Error that lists the families there are.
FeatureExtractor make_features(const std::string& spec, Rounding rounding,
                               double patience = usual_patience);

/// Grey repeated: H x W x 3, whatever it was.
Tensor three_channels(const Tensor& image);

/// Values on the scale 0..255 without alpha: H x W x 1 or H x W x 3. Throws Error
/// when a value is not finite.
Tensor byte_scale(const Image& image, Rounding rounding);

}  // namespace diffusion
