// The table of functions through which the image module is called. OpenImageIO
// brings more than 200 shared libraries along; behind this table they are loaded
// when the first picture is opened, and a tool that opens none never loads them.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "lib/image/image.hpp"

namespace diffusion {

/// Samples as a file holds them: height x width x channels, of the depth's type.
struct PictureLayout {
  std::size_t height = 0, width = 0, channels = 0;
  Depth depth = Depth::uint8;
};

struct ImageModule {
  /// Decodes the first picture of `bytes` into the memory that `place` gives for
  /// its layout. Returns why it can't, or "".
  std::string (*decode)(std::string_view bytes, const char* format,
                        const std::function<void*(const PictureLayout&)>& place);
  /// Appends the encoded picture to `bytes`; the format by OpenImageIO's name: "jpeg", ...
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

}  // namespace diffusion
