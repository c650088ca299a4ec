// What a BMP file says of its picture, before its pixels.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "lib/image/bytes.hpp"
#include "lib/image/palette.hpp"

namespace diffusion {

enum class BmpCompression : std::uint32_t {
  none = 0,
  runs_of_8 = 1,
  runs_of_4 = 2,
  masks = 3,
  jpeg = 4,
  png = 5,
  masks_with_alpha = 6
};

struct BmpHeader {
  std::size_t width = 0, height = 0, bits = 0, header = 0, pixels = 0;  // the last two: places
  bool top_down = false;
  BmpCompression compression = BmpCompression::none;
  std::array<std::uint32_t, 4> masks{};  // red, green, blue, alpha
  Palette palette = {};

  std::size_t row_bytes() const { return (width * bits + 31) / 32 * 4; }
  /// Where row y of the picture, counted from the top, is in the file's order.
  std::size_t stored(std::size_t y) const { return top_down ? y : height - 1 - y; }
};

/// Throws Error for what is damaged, and for kinds that are not read.
BmpHeader read_bmp_header(const FileBytes& file);

}  // namespace diffusion
