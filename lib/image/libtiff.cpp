// The door of libtiff, in the image module. OpenImageIO's own reader of TIFF writes past the
// end of its memory for tiles of CMYK.
#include <tiffio.h>

#include <vector>

#include "lib/image/image_module.hpp"
#include "lib/image/libtiff_samples.hpp"
#include "lib/image/libtiff_source.hpp"
#include "lib/image/libtiff_tags.hpp"

namespace diffusion {
namespace {

/// Some writers of plain YCbCr do not say that every pixel has its own colours, as their bytes do.
void note_subsampling(TIFF* tiff, const TiffTags& tags) {
  std::uint16_t across = 0, down = 0;
  if (tags.compression != COMPRESSION_NONE || tags.tiled ||
      TIFFGetField(tiff, TIFFTAG_YCBCRSUBSAMPLING, &across, &down))
    return;
  std::uint64_t bytes = 0;
  for (std::uint32_t i = 0; i < TIFFNumberOfStrips(tiff); ++i)
    bytes += TIFFGetStrileByteCount(tiff, i);
  if (bytes == std::uint64_t(3) * tags.width * tags.height)
    TIFFSetField(tiff, TIFFTAG_YCBCRSUBSAMPLING, 1, 1);
}

/// YCbCr that is not in JPEG: libtiff turns it into RGB of 8 bits.
void read_as_rgb(const TiffSource& source, const TiffTags& tags, void* to) {
  source.need_all_parts();
  note_subsampling(source.tiff(), tags);
  std::vector<std::uint32_t> pixels(std::size_t(tags.width) * tags.height);
  if (!TIFFReadRGBAImageOriented(source.tiff(), tags.width, tags.height, pixels.data(),
                                 ORIENTATION_TOPLEFT, 1))
    source.fail();
  auto* out = static_cast<std::uint8_t*>(to);
  for (const std::uint32_t pixel : pixels) {
    *out++ = std::uint8_t(TIFFGetR(pixel));
    *out++ = std::uint8_t(TIFFGetG(pixel));
    *out++ = std::uint8_t(TIFFGetB(pixel));
  }
}

}  // namespace

void read_tiff_by_libtiff(std::string_view bytes, const PlacePicture& place) {
  const TiffSource source(bytes);
  TiffTags tags = read_tiff_tags(source.tiff());
  const bool subsampled = tags.colour == PHOTOMETRIC_YCBCR;
  const bool by_jpeg = tags.compression == COMPRESSION_JPEG;
  if (subsampled && !by_jpeg) {
    tags.has_alpha = false;
    read_as_rgb(source, tags, place({tags.height, tags.width, 3, Depth::uint8}));
    return;
  }
  if (subsampled) {
    TIFFSetField(source.tiff(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    tags.colour = PHOTOMETRIC_RGB;  // that libtiff makes of it
  }
  if (place.sixteen == SixteenBits::pillow) see_as_pillow(tags);
  read_tiff_samples(source, tags,
                    place({tags.height, tags.width, tags.channels(), depth_of(tags)}));
}

}  // namespace diffusion
