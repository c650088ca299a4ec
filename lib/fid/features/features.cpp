#include "lib/fid/features/features.hpp"

#include <algorithm>

#include "lib/base/registry.hpp"
#include "lib/base/text.hpp"
#include "lib/fid/features/exec_features.hpp"
#include "lib/fid/features/inception.hpp"
#include "lib/fid/features/pixels.hpp"
#include "lib/fid/features/random_network.hpp"
#include "lib/image/alike.hpp"
#include "lib/image/pixels.hpp"
#include "lib/tensor/finite.hpp"

namespace diffusion {

std::span<const FeatureFamily> feature_families() {
  static const std::vector<FeatureFamily> rows = {
      {"random", "a fixed random convolutional network, 512 features (random-v1)", "Naeem 2020",
       random_features},
      {"inception", "the network that FID is defined by, with weights of your own (see the manual)",
       "Heusel 2017", inception_features_from},
      {"pixels", "the pixels themselves; images of one size", "", pixel_features},
      {"exec", "exec:COMMAND: a program that turns an array of images into one of features", "",
       exec_features},
  };
  return rows;
}

std::vector<Parameter> feature_parameters(const FeatureFamily& row) {
  return asked_of(Params(row.name, {{"weights", ""}}),
                  [&](Params& params) { row.make(params, {}); });
}

namespace {

/// A command may hold any character: it is taken as it stands.
Params params_of(const std::string& spec, double patience) {
  const std::string exec = "exec:";
  if (!spec.starts_with(exec)) return params_of_row(feature_families(), spec);
  return {"exec", {{"command", spec.substr(exec.size())}, {"patience", shortest(patience)}}};
}

}  // namespace

FeatureExtractor make_features(const std::string& spec, const FeatureSettings& settings) {
  Params params = params_of(spec, settings.patience);
  FeatureExtractor extractor =
      find_row(feature_families(), params.name(), "features").make(params, settings);
  params.finish();
  extractor.provenance["rounding"] = settings.rounding == Rounding::eight_bits ? "8-bit" : "none";
  return extractor;
}

namespace {

/// What a PNG writer would store, as the same code stores it.
void round_to_bytes(std::span<float> values) {
  std::vector<std::uint8_t> bytes(values.size());
  to_samples(values, bytes.data());
  std::ranges::copy(bytes, values.begin());
}

}  // namespace

Tensor three_channels(const Tensor& image) {
  const auto& shape = image.shape();
  if (shape[2] == 3) return image;
  Tensor out(Shape{shape[0], shape[1], 3});
  for (std::size_t i = 0; i < out.size(); ++i) out.data()[i] = image.data()[i / 3];
  return out;
}

Tensor byte_scale(const Image& image, Rounding rounding) {
  const auto& shape = image.pixels.shape();
  const std::size_t channels = shape[2], kept = plain_channels(channels);
  Tensor out(Shape{shape[0], shape[1], kept});
  const std::span<float> values(out.data(), out.size());
  const float* from = image.pixels.data();
  for (std::size_t i = 0; i < values.size(); i += kept, from += channels)
    std::copy_n(from, kept, values.data() + i);
  if (!all_finite(values)) throw Error("holds values that are not finite");
  if (rounding == Rounding::eight_bits)
    round_to_bytes(values);
  else
    for (float& value : values) value = (value + 1) * 127.5f;
  return out;
}

}  // namespace diffusion
