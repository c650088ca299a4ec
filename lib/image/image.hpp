// One picture in memory.
#pragma once
#include "lib/tensor/tensor.hpp"

namespace diffusion {

/// How a picture was, or is to be, stored. Decides rounding and clipping.
enum class Depth { uint8, uint16, float32 };

struct Image {
  Tensor pixels;  // H x W x C, C in 1 (grey), 2 (grey, alpha), 3 (RGB), 4 (RGBA); [-1, 1]
  Depth depth = Depth::uint8;
};

}  // namespace diffusion
