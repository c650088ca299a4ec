// Words on pictures: a font of 5 x 7 pixels, ASCII 32..126.
#pragma once
#include <cstddef>
#include <string>

#include "lib/tensor/tensor.hpp"

namespace diffusion {

struct TextExtent {
  std::size_t height, width;  // in pixels
};

/// What draw_text covers: lines are parted by '\n', and each pixel of a glyph is
/// scale x scale large.
TextExtent text_extent(const std::string& text, std::size_t scale);

struct TextPlace {
  std::size_t top, left;
  std::size_t scale = 1;
  float value = -1;  // of every channel: black
};

/// Draws the lines one below the other, each in the middle of the widest, over what is
/// there. All of text_extent must lie inside the image, H x W x C; characters that the
/// font lacks are question marks.
void draw_text(Tensor& image, const std::string& text, TextPlace place);

}  // namespace diffusion
