// What readers of picture files have in common.
#pragma once
#include <cstdint>
#include <functional>
#include <string_view>

#include "lib/image/image.hpp"

namespace diffusion {

/// Samples as a file holds them: height x width x channels, of the depth's type.
struct PictureLayout {
  std::size_t height = 0, width = 0, channels = 0;
  Depth depth = Depth::uint8;
};

/// Gives the memory for a picture's samples. Throws Error where such a picture is not taken.
using PlacePicture = std::function<void*(const PictureLayout&)>;

/// Decodes the first picture of a file's bytes into the memory that `place` gives. Throws Error
/// that says what is wrong, without naming the file.
using PictureReader = void (*)(std::string_view bytes, const PlacePicture& place);

}  // namespace diffusion
