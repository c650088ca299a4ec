// Reads BMP pictures: Windows' of all headers and OS/2's, 1 to 32 bits a pixel, run lengths
// and channel masks.
#pragma once
#include "lib/image/picture_layout.hpp"

namespace diffusion {

/// Grey where the palette is a ramp of greys, else RGB; RGBA where the header has a mask of
/// opacity. The unused byte of 32 bits is not looked at. Refuses pictures of other formats
/// inside. See PictureReader.
void read_bmp(std::string_view bytes, const PlacePicture& place);

}  // namespace diffusion
