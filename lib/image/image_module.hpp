// The table of functions through which the image module is called. OpenImageIO
// brings more than 200 shared libraries along; behind this table they are loaded
// when the first picture that takes them is opened, and a tool that opens none never
// loads them.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "lib/image/picture_layout.hpp"

namespace diffusion {

struct ImageModule {
  /// Decodes by OpenImageIO the first picture of `bytes`; the format by OpenImageIO's name:
  /// "jpeg", ... Throws as a PictureReader does; false where it has no reader of the format.
  bool (*decode)(const char* format, std::string_view bytes, const PlacePicture& place);
  PictureReader read_tiff, read_webp;  // by libtiff, by libwebp
  /// Appends the encoded picture to `bytes`; the format by OpenImageIO's name.
  /// Returns why it can't, or "".
  std::string (*encode)(const char* format, const PictureLayout& layout, const void* samples,
                        std::string& bytes);
  /// Appends an animation that goes round without end, as a GIF: every frame of the
  /// one layout, for a time that the caller sets. Returns why it can't, or "".
  std::string (*encode_frames)(const PictureLayout& layout, std::span<const void* const> frames,
                               std::string& bytes);
};

/// What the module exports, under this name.
inline constexpr const char* image_module_symbol = "diffusion_image_module";
extern "C" const ImageModule* diffusion_image_module();

/// Loads it with the first call. Throws Error where it is not there.
const ImageModule& image_module();

// The module's readers, for its table alone.
void read_tiff_by_libtiff(std::string_view bytes, const PlacePicture& place);
void read_webp_by_libwebp(std::string_view bytes, const PlacePicture& place);

}  // namespace diffusion
