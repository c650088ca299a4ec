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
  const bool fax = tags.compression >= COMPRESSION_CCITTRLE &&
                   tags.compression <= COMPRESSION_CCITTFAX4;  // that forget to say
  if (!TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &tags.colour))
    tags.colour = fax               ? PHOTOMETRIC_MINISWHITE
                  : tags.stored < 3 ? PHOTOMETRIC_MINISBLACK
                                    : PHOTOMETRIC_RGB;
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

/// Grey, RGB or a palette of one channel more than they need have opacity where nothing is said.
void read_extra(TIFF* tiff, TiffTags& tags) {
  std::uint16_t count = 0;
  const std::uint16_t* kinds = nullptr;
  TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &count, &kinds);
  if (tags.stored <= tags.inks) return;
  const bool said = count > 0 && kinds != nullptr;
  tags.associated = said && kinds[0] == EXTRASAMPLE_ASSOCALPHA;
  tags.has_alpha = said ? kinds[0] != EXTRASAMPLE_UNSPECIFIED
                        : tags.colour != PHOTOMETRIC_SEPARATED && tags.stored == tags.inks + 1;
}

constexpr const char* not_read = ", which is not read: convert it to RGB or grey";
/// Few programs that write such integers fill their range, or mean black by 0.
constexpr const char* no_white =
    ", which do not say what is black and what is white: store it as an array, .npy, and say "
    "`range` 0,255, or whatever they are";

/// What a picture is that is not read, and what to do; "" of one that is.
std::string unread_colours(const TiffTags& tags) {
  const auto unread = [](const std::string& colours) { return colours + not_read; };
  switch (tags.colour) {
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_RGB:
    case PHOTOMETRIC_PALETTE:
    case PHOTOMETRIC_YCBCR:
      return "";
    case PHOTOMETRIC_SEPARATED:
      return tags.stored < 4 ? unread("of fewer than four inks") : "";
    case PHOTOMETRIC_CIELAB:
    case PHOTOMETRIC_ICCLAB:
    case PHOTOMETRIC_ITULAB:
      return unread("in Lab colours");
    case PHOTOMETRIC_LOGL:
    case PHOTOMETRIC_LOGLUV:
      return unread("in LogLuv colours");
    case PHOTOMETRIC_CFA:
    case 34892:  // DNG's linear raw
      return unread("of a camera's raw samples");
    default:
      return unread("in colours of kind " + std::to_string(tags.colour));
  }
}

std::string unread_samples(const TiffTags& tags) {
  const std::string bits = " of " + std::to_string(tags.bits) + " bits";
  const bool plain = tags.format == SAMPLEFORMAT_UINT || tags.format == SAMPLEFORMAT_VOID;
  if (tags.colour == PHOTOMETRIC_YCBCR)
    return plain && tags.bits == 8 ? "" : "in YCbCr" + bits + not_read;
  if (tags.format == SAMPLEFORMAT_IEEEFP)
    return tags.bits == 16 || tags.bits == 32 || tags.bits == 64 ? ""
                                                                 : "of floats" + bits + not_read;
  if (plain && tags.bits <= 16) return "";
  if (plain) return "of integers" + bits + no_white;
  return tags.format == SAMPLEFORMAT_INT ? "of signed integers" + bits + no_white
                                         : std::string("of complex numbers") + not_read;
}

void check(const TiffTags& tags) {
  if (tags.bits == 0) throw Error("damaged: samples of 0 bits");
  std::string why = unread_colours(tags);
  if (why.empty()) why = unread_samples(tags);
  if (!why.empty()) throw Error("a TIFF picture " + why);
  if (tags.stored < tags.inks)
    throw Error("damaged: " + std::to_string(tags.stored) + " samples for " +
                std::to_string(tags.inks) + " colours");
}

}  // namespace

void see_as_pillow(TiffTags& tags) {
  const bool integers = tags.format == SAMPLEFORMAT_UINT || tags.format == SAMPLEFORMAT_VOID;
  if (!integers || tags.bits <= 8 || tags.colour == PHOTOMETRIC_PALETTE) return;
  const bool grey = tags.inks == 1 && !tags.has_alpha;
  tags.sixteen = grey ? TiffTags::limited : TiffTags::high_bytes;
  if (grey) tags.colour = PHOTOMETRIC_MINISBLACK;  // Pillow does not heed that 0 is white
}

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
