// Reads PNG pictures.
#pragma once
#include "lib/image/picture_layout.hpp"

namespace diffusion {

/// Grey, RGB or either with opacity, 16 bits where the file has them; palettes become RGB, and
/// what tRNS says becomes opacity. Gamma, profiles and backgrounds are not applied; of an APNG
/// this is the picture that readers without animation show. See PictureReader.
void read_png(std::string_view bytes, const PlacePicture& place);

}  // namespace diffusion
