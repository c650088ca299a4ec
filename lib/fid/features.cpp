#include "lib/fid/features.hpp"

#include <algorithm>
#include <cmath>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/fid/pixels.hpp"
#include "lib/fid/random_network.hpp"

namespace diffusion {

std::span<const FeatureFamily> feature_families() {
  static const std::vector<FeatureFamily> rows = {
      {"random", "a fixed random convolutional network, 512 features (random-v1)", "Naeem 2020",
       random_features},
      {"pixels", "the pixels themselves; images of one size", "", pixel_features},
  };
  return rows;
}

FeatureExtractor make_features(const std::string& spec, Rounding rounding) {
  Params params(spec);
  std::vector<std::string> names;
  for (const FeatureFamily& family : feature_families()) {
    names.push_back(family.name);
    if (family.name != params.name()) continue;
    FeatureExtractor extractor = family.make(params, rounding);
    params.finish();
    extractor.provenance["rounding"] = rounding == Rounding::eight_bits ? "8-bit" : "none";
    return extractor;
  }
  throw Error("unknown features '" + params.name() + "' (have: " + join(names, ", ") + ")");
}

Tensor byte_scale(const Image& image, Rounding rounding) {
  const auto& shape = image.pixels.shape();
  const std::size_t channels = shape[2], kept = channels >= 3 ? 3 : 1;
  Tensor out(Shape{shape[0], shape[1], kept});
  for (std::size_t pixel = 0; pixel < shape[0] * shape[1]; ++pixel)
    for (std::size_t c = 0; c < kept; ++c) {
      const float x = image.pixels.data()[pixel * channels + c];
      if (!std::isfinite(x)) throw Error("holds values that are not finite");
      const float value = (x + 1) * 127.5f;
      out.data()[pixel * kept + c] = rounding == Rounding::eight_bits
                                         ? std::floor(std::clamp(value, 0.0f, 255.0f) + 0.5f)
                                         : value;
    }
  return out;
}

}  // namespace diffusion
