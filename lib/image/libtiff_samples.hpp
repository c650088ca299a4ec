// From the strips and tiles of a TIFF file to a picture's samples.
#pragma once
#include "lib/image/image.hpp"
#include "lib/image/libtiff_source.hpp"
#include "lib/image/libtiff_tags.hpp"

namespace diffusion {

/// The type that keeps what the file holds.
Depth depth_of(const TiffTags& tags);

/// Decodes all parts of the picture into `to`, height x width x channels of that type, with
/// colours that are not multiplied by opacity. Throws Error.
void read_tiff_samples(const TiffSource& source, const TiffTags& tags, void* to);

}  // namespace diffusion
