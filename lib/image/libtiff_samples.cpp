#include "lib/image/libtiff_samples.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <type_traits>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/image/colour.hpp"
#include "lib/tensor/half.hpp"

namespace diffusion {
namespace {

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
  if (8 % bits == 0) return row[i * bits / 8] >> (8 - bits - i * bits % 8) & ((1u << bits) - 1);
  std::uint32_t value = 0;
  for (std::size_t bit = i * bits; bit < (i + 1) * bits; ++bit)
    value = value << 1 | (row[bit / 8] >> (7 - bit % 8) & 1);
  return value;
}

float real(const std::uint8_t* row, std::size_t i, std::size_t bits) {
  if (bits == 16) return from_float16(at<std::uint16_t>(row, i));
  return bits == 32 ? at<float>(row, i) : float(at<double>(row, i));
}

/// Sample i of a row in the type of the picture.
template <class Sample>
Sample sample_at(const std::uint8_t* row, std::size_t i, const TiffTags& tags) {
  if constexpr (std::is_floating_point_v<Sample>) {
    return real(row, i, tags.bits);
  } else {
    constexpr std::uint32_t white = Sample(-1);
    const std::uint32_t most = (1u << tags.bits) - 1, value = integer(row, i, tags.bits);
    if (tags.sixteen == TiffTags::limited) return Sample(std::min(value, white));
    if (tags.sixteen == TiffTags::high_bytes)
      return Sample((value * 65535u + most / 2) / most >> 8);
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

/// Whether the samples of the file have the type of the picture's.
template <class Sample>
bool have_type(const TiffTags& tags) {
  const bool same_kind = std::is_floating_point_v<Sample> == (tags.format == SAMPLEFORMAT_IEEEFP);
  return same_kind && tags.bits == 8 * sizeof(Sample);
}

/// Whether they are the picture's channels once they have its type.
bool are_channels(const TiffTags& tags) {
  const bool plain = tags.colour == PHOTOMETRIC_MINISBLACK || tags.colour == PHOTOMETRIC_RGB;
  return plain && !tags.associated;
}

/// Whether several samples of grey fill a byte.
bool are_packed(const TiffTags& tags) {
  const bool grey = tags.colour == PHOTOMETRIC_MINISBLACK || tags.colour == PHOTOMETRIC_MINISWHITE;
  return grey && tags.stored == 1 && tags.bits < 8 && 8 % tags.bits == 0;
}

/// The samples in each of the 256 bytes, one byte's after the other's, as those of the picture.
std::vector<std::uint8_t> unpacked_bytes(const TiffTags& tags) {
  std::vector<std::uint8_t> all;
  for (int value = 0; value < 256; ++value)
    for (std::size_t i = 0; i < 8 / tags.bits; ++i) {
      const auto byte = std::uint8_t(value), sample = sample_at<std::uint8_t>(&byte, i, tags);
      put_pixel(&sample, tags, &all.emplace_back());
    }
  return all;
}

/// Strips and tiles, whole or of one channel each, one after the other in the same memory.
class Blocks {
 public:
  Blocks(const TiffSource& source, const TiffTags& tags) : source_(source), tags_(tags) {
    TIFF* const tiff = source.tiff();
    source.need_all_parts();
    bytes_ = tags.tiled ? TIFFTileSize(tiff) : TIFFStripSize(tiff);
    if (bytes_ <= 0 || std::size_t(bytes_) > TiffSource::most_bytes || tags.block_width == 0 ||
        tags.block_height == 0)
      throw Error("damaged: its parts have a wrong size");
    row_bytes_ = std::size_t(tags.tiled ? TIFFTileRowSize(tiff) : TIFFScanlineSize(tiff));
    if (are_packed(tags)) unpacked_ = unpacked_bytes(tags);
    for (std::size_t i = 0; i < planes(); ++i)
      memory_.push_back(std::make_unique_for_overwrite<std::uint8_t[]>(std::size_t(bytes_)));
  }

  /// Those at this place, which holds so many rows of the picture.
  void read(std::uint32_t x, std::uint32_t y, std::size_t rows) {
    TIFF* const tiff = source_.tiff();
    for (std::size_t plane = 0; plane < planes(); ++plane) {
      const auto to = memory_[plane].get();
      const auto number = std::uint16_t(plane);
      const tmsize_t got =
          tags_.tiled
              ? TIFFReadEncodedTile(tiff, TIFFComputeTile(tiff, x, y, 0, number), to, bytes_)
              : TIFFReadEncodedStrip(tiff, TIFFComputeStrip(tiff, y, number), to, bytes_);
      if (got < tmsize_t(rows * row_bytes_)) source_.fail();
    }
  }

  /// So many pixels of row y.
  template <class Sample>
  void put_row(std::size_t y, std::size_t columns, Sample* out) const {
    if constexpr (std::is_same_v<Sample, std::uint8_t>)
      if (!unpacked_.empty()) return unpack_row(y, columns, out);
    if (has_palette()) return put_colours(y, columns, out);
    if (are_channels(tags_)) return take_row(y, columns, out);
    std::vector<Sample> taken(columns * tags_.taken());
    take_row(y, columns, taken.data());
    for (std::size_t x = 0; x < columns; ++x)
      out = put_pixel(taken.data() + x * tags_.taken(), tags_, out);
  }

 private:
  bool has_palette() const { return tags_.colour == PHOTOMETRIC_PALETTE; }
  bool apart() const { return tags_.planar == PLANARCONFIG_SEPARATE; }
  std::size_t planes() const { return apart() ? tags_.taken() : 1; }
  const std::uint8_t* row(std::size_t y, std::size_t channel) const {
    return memory_[apart() ? channel : 0].get() + y * row_bytes_;
  }
  std::size_t place(std::size_t x, std::size_t channel) const {
    return apart() ? x : x * tags_.stored + channel;
  }

  /// Pixels of a row in the type of the picture.
  template <class Sample>
  void take_row(std::size_t y, std::size_t columns, Sample* out) const {
    if (have_type<Sample>(tags_)) return copy_row(y, columns, out);
    for (std::size_t x = 0; x < columns; ++x)
      for (std::size_t c = 0; c < tags_.taken(); ++c)
        *out++ = sample_at<Sample>(row(y, c), place(x, c), tags_);
  }

  void unpack_row(std::size_t y, std::size_t columns, std::uint8_t* out) const {
    const std::uint8_t* from = row(y, 0);
    const std::size_t each = 8 / tags_.bits;
    for (; columns >= each; columns -= each)
      out = std::copy_n(&unpacked_[*from++ * each], each, out);
    if (columns > 0) std::copy_n(&unpacked_[*from * each], columns, out);
  }

  template <class Sample>
  void copy_row(std::size_t y, std::size_t columns, Sample* out) const {
    const std::size_t channels = tags_.taken();
    if (!apart() && channels == tags_.stored) {
      std::memcpy(out, row(y, 0), columns * channels * sizeof(Sample));
      return;
    }
    for (std::size_t c = 0; c < channels; ++c) {
      const std::uint8_t* const from = row(y, c);
      for (std::size_t x = 0; x < columns; ++x)
        out[x * channels + c] = at<Sample>(from, place(x, c));
    }
  }

  /// Pixels of a row of a palette.
  template <class Sample>
  void put_colours(std::size_t y, std::size_t columns, Sample* out) const {
    const int shift = tags_.short_table ? 0 : 8;
    for (std::size_t x = 0; x < columns; ++x) {
      const std::uint32_t index = integer(row(y, 0), place(x, 0), tags_.bits);
      const Sample opacity =
          tags_.has_alpha ? sample_at<Sample>(row(y, 1), place(x, 1), tags_) : Sample(0);
      for (const std::uint16_t* channel : tags_.table) {
        const auto colour = Sample(channel[index] >> shift);
        *out++ = tags_.associated ? unassociated(colour, opacity) : colour;
      }
      if (tags_.has_alpha) *out++ = opacity;
    }
  }

  const TiffSource& source_;
  const TiffTags& tags_;
  tmsize_t bytes_;
  std::size_t row_bytes_;
  std::vector<std::uint8_t> unpacked_;  // by the byte, where several samples share one
  std::vector<std::unique_ptr<std::uint8_t[]>> memory_;
};

template <class Sample>
void read_all(const TiffSource& source, const TiffTags& tags, void* to) {
  auto* const out = static_cast<Sample*>(to);
  Blocks blocks(source, tags);
  for (std::uint32_t top = 0; top < tags.height; top += tags.block_height)
    for (std::uint32_t left = 0; left < tags.width; left += tags.block_width) {
      const std::size_t rows = std::min(tags.block_height, tags.height - top);
      const std::size_t columns = std::min(tags.block_width, tags.width - left);
      blocks.read(left, top, rows);
      for (std::size_t y = 0; y < rows; ++y)
        blocks.put_row(y, columns, out + ((top + y) * tags.width + left) * tags.channels());
    }
}

}  // namespace

Depth depth_of(const TiffTags& tags) {
  if (tags.colour == PHOTOMETRIC_PALETTE) return Depth::uint8;
  const bool plain = tags.format == SAMPLEFORMAT_UINT || tags.format == SAMPLEFORMAT_VOID;
  if (!plain || tags.bits > 16) return Depth::float32;
  return tags.bits > 8 && tags.sixteen == TiffTags::kept ? Depth::uint16 : Depth::uint8;
}

void read_tiff_samples(const TiffSource& source, const TiffTags& tags, void* to) {
  switch (depth_of(tags)) {
    case Depth::uint8:
      return read_all<std::uint8_t>(source, tags, to);
    case Depth::uint16:
      return read_all<std::uint16_t>(source, tags, to);
    case Depth::float32:
      return read_all<float>(source, tags, to);
  }
}

}  // namespace diffusion
