#include "lib/fid/features/pixels.hpp"

#include <algorithm>

namespace diffusion {
namespace {

Tensor side_by_side(std::span<const Tensor> images) {
  const std::size_t d = images.empty() ? 0 : images[0].size();
  Tensor rows(Shape{images.size(), d});
  for (std::size_t i = 0; i < images.size(); ++i)
    std::copy_n(images[i].data(), d, rows.data() + i * d);
  return rows;
}

}  // namespace

FeatureExtractor pixel_features(Params&, const FeatureSettings& settings) {
  const auto prepare = [rounding = settings.rounding](const Image& image) {
    Tensor values = byte_scale(image, rounding);
    for (float& value : values) value = value / 127.5f - 1;
    return values;
  };
  return {{{"features", "pixels"}}, prepare, features_only(side_by_side)};
}

}  // namespace diffusion
