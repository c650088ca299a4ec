// Picture files in and out (OpenImageIO, loaded when the first one is opened).
#pragma once
#include <string>

#include "lib/image/image.hpp"

namespace diffusion {

/// Decodes a picture file: grey, RGB, RGBA, palette, 8/16-bit, float. Pixels in
/// [-1, 1] (8-bit v / 127.5 - 1, 16-bit v / 32767.5 - 1, float 2 v - 1).
/// EXIF orientation is not applied. Throws Error "PATH: not an image that can be
/// read (reason)".
Image read_image(const std::string& path);

struct ImageWriteOptions {
  int png_compression = 6;  // 0..9: zlib's level, as OpenImageIO passes it on
};

/// Writes atomically; the extension chooses the format, image.depth the sample
/// type as far as the format has it. 8 and 16 bits round and clip; float formats
/// hold (x + 1) / 2 unclipped. Throws Error.
void write_image(const std::string& path, const Image& image, const ImageWriteOptions& = {});

/// Whether the extension is one that write_image can write / read_image may read.
bool is_image_name(const std::string& path);

}  // namespace diffusion
