// Reads and writes picture files, each format by what format.hpp names. What is not our own
// is loaded when first needed.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/file.hpp"
#include "lib/image/image.hpp"
#include "lib/image/png.hpp"

namespace diffusion {

/// Of the file of one.
inline constexpr FileLimit picture_limit{std::uint64_t(1) << 31, "a picture"};

/// Decodes a picture file, recognised by its first bytes (TGA, which has no signature, by its
/// name): grey, RGB, RGBA, palette, 8/16-bit, float; the first frame, page or level of
/// several. Pixels in [-1, 1] (8-bit v / 127.5 - 1, 16-bit v / 32767.5 - 1, float 2 v - 1);
/// alpha is not multiplied in, and scaled alike. EXIF orientation is not applied, but told.
/// Throws Error "PATH: not an image that can be read (reason)".
Image read_image(const std::string& path);

/// The same for a file's bytes in memory; `culprit` opens the Error's message, and ends as the
/// file's name does.
Image decode_image(std::string_view bytes, const std::string& culprit,
                   SixteenBits sixteen = SixteenBits::scale);

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
