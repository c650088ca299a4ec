// The door of libtiff, in the image module. OpenImageIO's own reader of TIFF writes past the
// end of its memory for tiles of CMYK.
#include <tiffio.h>

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/image/colour.hpp"
#include "lib/image/image_module.hpp"
#include "lib/image/libtiff_tags.hpp"
#include "lib/tensor/half.hpp"

namespace diffusion {
namespace {

constexpr std::size_t most_bytes = std::size_t(1) << 30;  // that libtiff may take at once

/// A file in memory, and the first thing that libtiff said of it.
struct Source {
  std::string_view bytes;
  std::size_t at = 0;
  std::string said = {};
};

Source& source_of(thandle_t handle) { return *static_cast<Source*>(handle); }

tmsize_t read_some(thandle_t handle, void* to, tmsize_t size) {
  Source& source = source_of(handle);
  const std::size_t left = source.bytes.size() - std::min(source.at, source.bytes.size());
  const std::size_t got = std::min(std::size_t(std::max<tmsize_t>(size, 0)), left);
  std::copy_n(source.bytes.data() + source.at, got, static_cast<char*>(to));
  source.at += got;
  return tmsize_t(got);
}
tmsize_t write_nothing(thandle_t, void*, tmsize_t) { return 0; }
toff_t seek(thandle_t handle, toff_t offset, int whence) {
  Source& source = source_of(handle);
  const std::size_t from = whence == SEEK_SET   ? 0
                           : whence == SEEK_CUR ? source.at
                                                : source.bytes.size();
  source.at = std::min<std::size_t>(from + offset, source.bytes.size());
  return source.at;
}
int close_nothing(thandle_t) { return 0; }
toff_t size_of(thandle_t handle) { return source_of(handle).bytes.size(); }

int keep_error(TIFF*, void* to, const char*, const char* format, va_list values) {
  char text[256];
  std::vsnprintf(text, sizeof text, format, values);
  std::string& said = static_cast<Source*>(to)->said;
  if (said.empty()) said = text;
  return 1;  // and let nobody print it
}
int drop_warning(TIFF*, void*, const char*, const char*, va_list) { return 1; }

using Handle = std::unique_ptr<TIFF, decltype(&TIFFClose)>;

[[noreturn]] void fail(const Source& source) {
  std::string said = source.said.empty() ? "libtiff can't decode it" : source.said;
  if (said.ends_with('.')) said.pop_back();
  throw Error(said);
}

Handle open(Source& source) {
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(
      TIFFOpenOptionsAlloc(), TIFFOpenOptionsFree);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), most_bytes);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep_error, &source);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), drop_warning, nullptr);
  // "m": not to be mapped.
  Handle tiff(TIFFClientOpenExt("", "rm", &source, read_some, write_nothing, seek, close_nothing,
                                size_of, nullptr, nullptr, options.get()),
              TIFFClose);
  if (!tiff) fail(source);
  return tiff;
}

Depth depth_of(const TiffTags& tags) {
  if (tags.colour == PHOTOMETRIC_PALETTE) return Depth::uint8;
  const bool plain = tags.format == SAMPLEFORMAT_UINT || tags.format == SAMPLEFORMAT_VOID;
  return !plain || tags.bits > 16 ? Depth::float32 : tags.bits > 8 ? Depth::uint16 : Depth::uint8;
}

template <class T>
T at(const std::uint8_t* row, std::size_t i) {
  T value;
  std::memcpy(&value, row + i * sizeof(T), sizeof(T));
  return value;
}

/// Sample i of a row, of any number of bits up to 16.
std::uint32_t integer(const std::uint8_t* row, std::size_t i, std::size_t bits) {
  if (bits == 8) return row[i];
  if (bits == 16) return at<std::uint16_t>(row, i);
  std::uint32_t value = 0;
  for (std::size_t bit = i * bits; bit < (i + 1) * bits; ++bit)
    value = value << 1 | (row[bit / 8] >> (7 - bit % 8) & 1);
  return value;
}

float real(const std::uint8_t* row, std::size_t i, const TiffTags& tags) {
  if (tags.format == SAMPLEFORMAT_IEEEFP)
    return tags.bits == 16   ? from_float16(at<std::uint16_t>(row, i))
           : tags.bits == 32 ? at<float>(row, i)
                             : float(at<double>(row, i));
  if (tags.format == SAMPLEFORMAT_INT)
    return tags.bits == 8    ? float(at<std::int8_t>(row, i)) / 127
           : tags.bits == 16 ? float(at<std::int16_t>(row, i)) / 32767
                             : float(at<std::int32_t>(row, i) / 2147483647.);
  return float(at<std::uint32_t>(row, i) / 4294967295.);
}

/// Sample i of a row in the type of the picture; an index of a palette as it is.
template <class Sample>
Sample sample_at(const std::uint8_t* row, std::size_t i, const TiffTags& tags) {
  if constexpr (std::is_floating_point_v<Sample>) {
    return real(row, i, tags);
  } else {
    constexpr std::uint32_t white = Sample(-1);
    const std::uint32_t most = (1u << tags.bits) - 1, value = integer(row, i, tags.bits);
    return most == white ? Sample(value) : Sample((value * std::uint64_t(white) + most / 2) / most);
  }
}

/// From the samples of one pixel, `from`, to its channels.
template <class Sample>
Sample* put_pixel(const Sample* from, const TiffTags& tags, Sample* out) {
  const Sample white = std::is_floating_point_v<Sample> ? Sample(1) : Sample(-1);
  const Sample opacity = tags.has_alpha ? from[tags.inks] : white;
  for (std::size_t c = 0; c < std::min<std::size_t>(tags.inks, 3); ++c) {
    Sample value = tags.colour == PHOTOMETRIC_SEPARATED    ? without_ink(from[c], from[3])
                   : tags.colour == PHOTOMETRIC_MINISWHITE ? Sample(white - from[c])
                                                           : from[c];
    *out++ = tags.associated ? unassociated(value, opacity) : value;
  }
  if (tags.has_alpha) *out++ = opacity;
  return out;
}

/// The parts that a picture is stored in: strips and tiles, whole or of one channel each.
class Blocks {
 public:
  Blocks(TIFF* tiff, const TiffTags& tags, const Source& source)
      : tiff_(tiff), tags_(tags), source_(source) {
    const auto bytes =
        std::size_t(std::max<tmsize_t>(0, tags.tiled ? TIFFTileSize(tiff) : TIFFStripSize(tiff)));
    if (bytes == 0 || bytes > most_bytes || tags.block_width == 0 || tags.block_height == 0)
      throw Error("damaged: its parts have a wrong size");
    row_bytes_ = std::size_t(tags.tiled ? TIFFTileRowSize(tiff) : TIFFScanlineSize(tiff));
    for (std::size_t i = 0; i < planes(); ++i)
      memory_.push_back(std::make_unique_for_overwrite<std::uint8_t[]>(bytes));
    bytes_ = bytes;
  }

  /// Those at this place, which holds so many rows of the picture.
  void read(std::uint32_t x, std::uint32_t y, std::size_t rows) {
    for (std::size_t plane = 0; plane < planes(); ++plane) {
      const auto to = memory_[plane].get();
      const auto number = std::uint16_t(plane);
      const tmsize_t got =
          tags_.tiled
              ? TIFFReadEncodedTile(tiff_, TIFFComputeTile(tiff_, x, y, 0, number), to, bytes())
              : TIFFReadEncodedStrip(tiff_, TIFFComputeStrip(tiff_, y, number), to, bytes());
      if (got < tmsize_t(rows * row_bytes_)) fail(source_);
    }
  }

  /// The samples of the pixel at row y and column x of it.
  template <class Sample>
  void pixel(std::size_t y, std::size_t x, Sample* to) const {
    for (std::size_t c = 0; c < tags_.taken(); ++c) {
      const std::uint8_t* const row = memory_[apart() ? c : 0].get() + y * row_bytes_;
      const std::size_t i = apart() ? x : x * tags_.stored + c;
      if (tags_.colour == PHOTOMETRIC_PALETTE) return put_colour(integer(row, i, tags_.bits), to);
      to[c] = sample_at<Sample>(row, i, tags_);
    }
  }

 private:
  bool apart() const { return tags_.planar == PLANARCONFIG_SEPARATE; }
  std::size_t planes() const { return apart() ? tags_.taken() : 1; }
  tmsize_t bytes() const { return tmsize_t(bytes_); }

  template <class Sample>
  void put_colour(std::size_t index, Sample* to) const {
    for (std::size_t c = 0; c < 3; ++c)
      to[c] = Sample(tags_.short_table ? tags_.table[c][index] : tags_.table[c][index] >> 8);
  }

  TIFF* tiff_;
  const TiffTags& tags_;
  const Source& source_;
  std::size_t row_bytes_ = 0, bytes_ = 0;
  std::vector<std::unique_ptr<std::uint8_t[]>> memory_;
};

template <class Sample>
void read_samples(TIFF* tiff, const TiffTags& tags, const Source& source, void* to) {
  auto* const out = static_cast<Sample*>(to);
  TiffTags colours = tags;  // what a palette's pixels have become
  if (tags.colour == PHOTOMETRIC_PALETTE) colours.inks = 3;
  Blocks blocks(tiff, tags, source);
  for (std::uint32_t top = 0; top < tags.height; top += tags.block_height)
    for (std::uint32_t left = 0; left < tags.width; left += tags.block_width) {
      const std::size_t rows = std::min(tags.block_height, tags.height - top);
      const std::size_t columns = std::min(tags.block_width, tags.width - left);
      blocks.read(left, top, rows);
      Sample pixel[5];
      for (std::size_t y = 0; y < rows; ++y) {
        Sample* row = out + ((top + y) * tags.width + left) * tags.channels();
        for (std::size_t x = 0; x < columns; ++x) {
          blocks.pixel(y, x, pixel);
          row = put_pixel(pixel, colours, row);
        }
      }
    }
}

/// YCbCr that is not in JPEG: libtiff turns it into RGB of 8 bits.
void read_as_rgb(TIFF* tiff, const TiffTags& tags, const Source& source, void* to) {
  std::vector<std::uint32_t> pixels(std::size_t(tags.width) * tags.height);
  if (!TIFFReadRGBAImageOriented(tiff, tags.width, tags.height, pixels.data(), ORIENTATION_TOPLEFT,
                                 1))
    fail(source);
  auto* out = static_cast<std::uint8_t*>(to);
  for (const std::uint32_t pixel : pixels) {
    *out++ = std::uint8_t(TIFFGetR(pixel));
    *out++ = std::uint8_t(TIFFGetG(pixel));
    *out++ = std::uint8_t(TIFFGetB(pixel));
  }
}

}  // namespace

void read_tiff_by_libtiff(std::string_view bytes, const PlacePicture& place) {
  Source source{bytes};
  const Handle tiff = open(source);
  TiffTags tags = read_tiff_tags(tiff.get());
  const bool subsampled = tags.colour == PHOTOMETRIC_YCBCR;
  const bool by_jpeg = tags.compression == COMPRESSION_JPEG;
  if (subsampled && by_jpeg) TIFFSetField(tiff.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  if (subsampled && !by_jpeg) {
    tags.has_alpha = false;
    read_as_rgb(tiff.get(), tags, source, place({tags.height, tags.width, 3, Depth::uint8}));
    return;
  }
  const Depth depth = depth_of(tags);
  void* const out = place({tags.height, tags.width, tags.channels(), depth});
  if (depth == Depth::uint8) read_samples<std::uint8_t>(tiff.get(), tags, source, out);
  if (depth == Depth::uint16) read_samples<std::uint16_t>(tiff.get(), tags, source, out);
  if (depth == Depth::float32) read_samples<float>(tiff.get(), tags, source, out);
}

}  // namespace diffusion
