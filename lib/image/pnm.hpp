// Reads PNM pictures: PBM, PGM and PPM, as text and as bytes, and PFM's floats.
#pragma once
#include "lib/image/picture_layout.hpp"

namespace diffusion {

/// Grey or RGB; up to 255 greys are spread over 8 bits, more over 16. See PictureReader.
void read_pnm(std::string_view bytes, const PlacePicture& place);

}  // namespace diffusion
