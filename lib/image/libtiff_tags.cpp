// The format: Adobe, "TIFF Revision 6.0", and its technical notes.
#include "lib/image/libtiff_tags.hpp"

#include <algorithm>
#include <string>

#include "lib/base/error.hpp"

namespace diffusion {
namespace {

void read_sizes(TIFF* tiff, TiffTags& tags) {
  TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &tags.width);
  TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &tags.height);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &tags.bits);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &tags.stored);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &tags.format);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &tags.planar);
  TIFFGetField(tiff, TIFFTAG_COMPRESSION, &tags.compression);
  if (!TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &tags.colour))
    tags.colour = tags.stored < 3 ? PHOTOMETRIC_MINISBLACK : PHOTOMETRIC_RGB;
  tags.tiled = TIFFIsTiled(tiff) != 0;
  if (tags.tiled) {
    TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &tags.block_width);
    TIFFGetField(tiff, TIFFTAG_TILELENGTH, &tags.block_height);
  } else {
    tags.block_width = tags.width;
    TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &tags.block_height);
    tags.block_height = std::min(tags.block_height, tags.height);
  }
}

/// Grey or RGB of one channel more than they need have opacity where nothing is said of it.
void read_extra(TIFF* tiff, TiffTags& tags) {
  std::uint16_t count = 0;
  const std::uint16_t* kinds = nullptr;
  TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &count, &kinds);
  if (tags.colour == PHOTOMETRIC_PALETTE || tags.stored <= tags.inks) return;
  const bool said = count > 0 && kinds != nullptr;
  tags.associated = said && kinds[0] == EXTRASAMPLE_ASSOCALPHA;
  tags.has_alpha = said ? kinds[0] != EXTRASAMPLE_UNSPECIFIED
                        : tags.colour != PHOTOMETRIC_SEPARATED && tags.stored == tags.inks + 1;
}

/// What a picture is that is not read; "" of one that is.
std::string unread_colours(const TiffTags& tags) {
  switch (tags.colour) {
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_RGB:
    case PHOTOMETRIC_PALETTE:
    case PHOTOMETRIC_YCBCR:
      return "";
    case PHOTOMETRIC_SEPARATED:
      return tags.stored < 4 ? "of fewer than four inks" : "";
    case PHOTOMETRIC_CIELAB:
    case PHOTOMETRIC_ICCLAB:
    case PHOTOMETRIC_ITULAB:
      return "in Lab colours";
    case PHOTOMETRIC_LOGL:
    case PHOTOMETRIC_LOGLUV:
      return "in LogLuv colours";
    case PHOTOMETRIC_CFA:
    case 34892:  // DNG's linear raw
      return "of a camera's raw samples";
    default:
      return "in colours of kind " + std::to_string(tags.colour);
  }
}

std::string unread_samples(const TiffTags& tags) {
  const std::string bits = std::to_string(tags.bits) + " bits";
  switch (tags.format) {
    case SAMPLEFORMAT_IEEEFP:
      return tags.bits == 16 || tags.bits == 32 || tags.bits == 64 ? "" : "of floats of " + bits;
    case SAMPLEFORMAT_INT:
      return tags.bits == 8 || tags.bits == 16 || tags.bits == 32 ? "" : "of integers of " + bits;
    case SAMPLEFORMAT_UINT:
    case SAMPLEFORMAT_VOID:
      return (tags.bits >= 1 && tags.bits <= 16) || tags.bits == 32 ? "" : "of integers of " + bits;
    default:
      return "of complex numbers";
  }
}

void check(const TiffTags& tags) {
  std::string why = unread_colours(tags);
  if (why.empty()) why = unread_samples(tags);
  if (why.empty() && tags.stored < tags.inks)
    throw Error("damaged: " + std::to_string(tags.stored) + " samples for " +
                std::to_string(tags.inks) + " colours");
  if (!why.empty())
    throw Error("a TIFF picture " + why + ", which is not read: convert it to RGB or grey");
}

}  // namespace

TiffTags read_tiff_tags(TIFF* tiff) {
  TiffTags tags;
  read_sizes(tiff, tags);
  const bool rgb = tags.colour == PHOTOMETRIC_RGB || tags.colour == PHOTOMETRIC_YCBCR;
  tags.inks = tags.colour == PHOTOMETRIC_SEPARATED ? 4 : rgb ? 3 : 1;
  check(tags);
  read_extra(tiff, tags);
  if (tags.colour == PHOTOMETRIC_PALETTE) {
    if (tags.bits > 16 || tags.format == SAMPLEFORMAT_IEEEFP ||
        !TIFFGetField(tiff, TIFFTAG_COLORMAP, &tags.table[0], &tags.table[1], &tags.table[2]))
      throw Error("damaged: a palette without colours");
    tags.short_table = true;
    for (const std::uint16_t* channel : tags.table)
      for (std::size_t i = 0; i < std::size_t(1) << tags.bits; ++i)
        tags.short_table &= channel[i] < 256;
  }
  return tags;
}

}  // namespace diffusion
