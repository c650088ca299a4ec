// Pixels as training sees them: without opacity, grey or in colour, and of 8-bit files
// exactly their 256 values.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "lib/image/image.hpp"
#include "lib/image/image_set.hpp"

namespace diffusion {

/// What the numbers of an 8-bit file stand for, in [-1, 1].
inline constexpr std::array<float, 256> pixel_values = [] {
  std::array<float, 256> values{};
  for (int v = 0; v < 256; ++v) values[std::size_t(v)] = float(v / 127.5 - 1);
  return values;
}();

/// The number whose value is nearest.
inline std::uint8_t to_byte(float pixel) {
  return std::uint8_t(std::clamp((pixel + 1) * 127.5f + 0.5f, 0.0f, 255.0f));
}

/// H x W x C pixels with `channels` channels, no fewer than the plain ones: opacity
/// dropped, grey repeated, and 8-bit images on their 256 values, resized or not.
std::vector<float> plain_pixels(const Image& image, std::size_t channels);

/// Of so many in a file: without opacity in pictures, all of what is taken as it is.
std::size_t channels_trained_on(std::size_t channels, ArrayValues values);
/// Plain pixels, or the values as they are.
std::vector<float> pixels_trained_on(const Image& image, std::size_t channels, ArrayValues values);

}  // namespace diffusion
