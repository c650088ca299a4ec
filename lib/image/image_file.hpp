// Reads and writes picture files. We write PNG ourselves (png.hpp); everything else goes
// through OpenImageIO, which is loaded when first needed.
#pragma once
#include <string>
#include <string_view>

#include "lib/image/image.hpp"
#include "lib/image/png.hpp"

namespace diffusion {

/// Decodes a picture file, recognised by its first bytes: grey, RGB, RGBA,
/// palette, 8/16-bit, float. Pixels in [-1, 1] (8-bit v / 127.5 - 1, 16-bit
/// v / 32767.5 - 1, float 2 v - 1); alpha is not multiplied in, and scaled alike.
/// EXIF orientation is not applied. Throws Error
/// "PATH: not an image that can be read (reason)".
Image read_image(const std::string& path);

/// The same for a file's bytes in memory; `culprit` opens the Error's message.
Image decode_image(std::string_view bytes, const std::string& culprit);

struct ImageWriteOptions {
  PngEffort png = PngEffort::usual;
};

/// Writes atomically; the extension chooses the format, image.depth the sample
/// type as far as the format has it. 8 and 16 bits round and clip; float formats
/// hold (x + 1) / 2 unclipped. JPEG drops alpha. The same image gives the same
/// bytes. Throws Error.
void write_image(const std::string& path, const Image& image, const ImageWriteOptions& = {});

/// The file that write_image would write.
std::string encode_image(const std::string& path, const Image& image,
                         const ImageWriteOptions& = {});

/// Whether the extension is one of pictures that read_image reads.
bool is_image_name(const std::string& path);
/// ... and that write_image writes.
bool is_writable_image_name(const std::string& path);

}  // namespace diffusion
