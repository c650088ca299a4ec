// What readers of picture files have in common.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "lib/base/error.hpp"
#include "lib/image/image.hpp"

namespace diffusion {

/// Samples as a file holds them: height x width x channels, of the depth's type.
struct PictureLayout {
  std::size_t height = 0, width = 0, channels = 0;
  Depth depth = Depth::uint8;
};

/// Gives the memory for a picture's samples. Throws Error where such a picture is not taken.
struct PlacePicture {
  std::function<void*(const PictureLayout&)> memory;
  /// `pillow`: a reader of our own makes 8 bits of more as Pillow's reader of the format does.
  SixteenBits sixteen = SixteenBits::scale;

  void* operator()(const PictureLayout& layout) const { return memory(layout); }
};

/// Decodes the first picture of a file's bytes into the memory that `place` gives. Throws Error
/// that says what is wrong, without naming the file.
using PictureReader = void (*)(std::string_view bytes, const PlacePicture& place);

/// Throws Error where a picture of this layout is not taken: no pixels, too many, or channels
/// that are neither grey nor RGB, with or without opacity.
inline void check_layout(const PictureLayout& layout) {
  constexpr std::size_t most_values = std::size_t(1) << 28;  // 1 GiB in memory
  const std::string size = std::to_string(layout.width) + " x " + std::to_string(layout.height) +
                           " pixels of " + std::to_string(layout.channels) + " channels";
  if (layout.channels < 1 || layout.channels > 4)
    throw Error(size + ": needs 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGBA)");
  if (layout.width == 0 || layout.height == 0) throw Error("it has no pixels");
  if (layout.height > most_values / layout.width / layout.channels)
    throw Error(size + " are too large: at most " + std::to_string(most_values) +
                " values are read");
}

}  // namespace diffusion
