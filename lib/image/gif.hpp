// Reads GIF pictures.
#pragma once
#include "lib/image/picture_layout.hpp"

namespace diffusion {

/// The first frame, on its screen: grey where its colours are a ramp of greys or it has none,
/// else RGB, with opacity where it has a transparent colour. Outside the frame all is
/// transparent, or colour 0. See PictureReader.
void read_gif(std::string_view bytes, const PlacePicture& place);

}  // namespace diffusion
