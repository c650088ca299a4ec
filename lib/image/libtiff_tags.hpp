// What a TIFF file says of its picture, for the door of libtiff.
#pragma once
#include <tiffio.h>

#include <cstddef>
#include <cstdint>

namespace diffusion {

struct TiffTags {
  std::uint32_t width = 0, height = 0, block_width = 0, block_height = 0;
  std::uint16_t bits = 1, stored = 1, format = SAMPLEFORMAT_UINT, colour = 0;
  std::uint16_t compression = COMPRESSION_NONE, planar = PLANARCONFIG_CONTIG;
  bool tiled = false;
  std::size_t inks = 1;     // channels of colour in the file, before others
  bool has_alpha = false;   // behind them
  bool associated = false;  // multiplied into them
  std::uint16_t* table[3] = {nullptr, nullptr, nullptr};
  /// How more than 8 bits become 8, as Pillow has them: grey limited to 255, or high bytes.
  enum { kept, limited, high_bytes } sixteen = kept;
  bool short_table = false;  // of 8 bits, as old writers made them

  std::size_t taken() const { return inks + (has_alpha ? 1 : 0); }
  std::size_t channels() const {
    return (colour == PHOTOMETRIC_PALETTE || inks > 1 ? 3 : 1) + (has_alpha ? 1 : 0);
  }
};

/// Has samples of 9 to 16 bits read as Pillow reads them.
void see_as_pillow(TiffTags& tags);

/// Of the first page. Throws Error that says what is wrong, or what kind of TIFF is not read.
TiffTags read_tiff_tags(TIFF* tiff);

}  // namespace diffusion
