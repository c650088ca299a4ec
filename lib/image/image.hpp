// One picture in memory.
#pragma once
#include "lib/tensor/tensor.hpp"

namespace diffusion {

/// How a picture was, or is to be, stored. Decides rounding and clipping.
enum class Depth { uint8, uint16, float32 };

/// What becomes of 16 bits: values of as many steps; or the 8 bits that programs see which
/// open pictures with Pillow: grey limited to 255, colours' high bytes.
enum class SixteenBits { scale, pillow };

struct Image {
  Tensor pixels;  // H x W x C, C in 1 (grey), 2 (grey, alpha), 3 (RGB), 4 (RGBA); [-1, 1]
  Depth depth = Depth::uint8;
  int orientation = 1;   // EXIF's: how the pixels have to be turned to be seen; 1: not at all
  bool numbers = false;  // no picture: any C, and values as they are
};

}  // namespace diffusion
