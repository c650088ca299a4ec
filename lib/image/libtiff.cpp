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

/// YCbCr that is not in JPEG: libtiff turns it into RGB of 8 bits.
void read_as_rgb(const TiffSource& source, const TiffTags& tags, void* to) {
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
  read_tiff_samples(source, tags,
                    place({tags.height, tags.width, tags.channels(), depth_of(tags)}));
}

}  // namespace diffusion
