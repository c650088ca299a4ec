// The format: ISO/IEC 15948:2004, "Portable Network Graphics".
#include "lib/image/png_reader.hpp"

#include <algorithm>
#include <optional>
#include <type_traits>

#include "lib/base/deflate.hpp"
#include "lib/image/bytes.hpp"
#include "lib/image/palette.hpp"
#include "lib/image/png.hpp"

namespace diffusion {
namespace {

constexpr std::size_t with_palette = 3;  // a colour type

struct Png {
  std::size_t width = 0, height = 0, bits = 0, colour = 0;
  bool interlaced = false;
  Palette palette = {};
  std::optional<std::string_view> transparency = {};
  std::string packed = {};

  /// Samples of a pixel in the file.
  std::size_t stored() const { return colour == 2 ? 3 : colour == 4 ? 2 : colour == 6 ? 4 : 1; }
  std::size_t colours() const { return colour == 0 || colour == 4 ? 1 : 3; }
  std::size_t channels() const {
    return colours() + (colour == 4 || colour == 6 || transparency ? 1 : 0);
  }
  std::size_t row_bytes(std::size_t pixels) const { return (pixels * stored() * bits + 7) / 8; }
};

/// Table 11.1.
bool is_allowed(std::size_t colour, std::size_t bits) {
  switch (colour) {
    case 0:
      return bits == 1 || bits == 2 || bits == 4 || bits == 8 || bits == 16;
    case with_palette:
      return bits == 1 || bits == 2 || bits == 4 || bits == 8;
    case 2:
    case 4:
    case 6:
      return bits == 8 || bits == 16;
    default:
      return false;
  }
}

void read_header(const FileBytes& data, Png& png) {
  png.width = data.four(0);
  png.height = data.four(4);
  png.bits = data.byte(8);
  png.colour = data.byte(9);
  if (png.width == 0 || png.height == 0 || (png.width | png.height) >> 31 != 0)
    throw Error("damaged: its header says no size");
  if (!is_allowed(png.colour, png.bits))
    throw Error("damaged: colour type " + std::to_string(png.colour) + " of " +
                std::to_string(png.bits) + " bits");
  if (data.byte(10) != 0 || data.byte(11) != 0 || data.byte(12) > 1)
    throw Error("damaged: an unknown compression, filter or interlacing");
  png.interlaced = data.byte(12) == 1;
}

/// A second chunk of the kind takes the place of the first.
Palette read_palette(std::string_view data) {
  Palette colours;
  for (std::size_t i = 0; i + 3 <= data.size(); i += 3)
    colours.push_back(
        {std::uint8_t(data[i]), std::uint8_t(data[i + 1]), std::uint8_t(data[i + 2])});
  return colours;
}

/// Each is length, type, data, check sum.
Png read_chunks(const FileBytes& file) {
  constexpr std::size_t signature = 8, around = 12;
  Png png;
  for (std::size_t at = signature;;) {
    const std::size_t size = file.four(at);
    const std::string_view type = file.part(at + 4, 4), data = file.part(at + 8, size);
    if (crc32(data, crc32(type)) != file.four(at + 8 + size))
      throw Error("damaged: a check sum differs");
    if (at == signature) {
      if (type != "IHDR") throw Error("damaged: it does not begin with its header");
      read_header(FileBytes(data, ByteOrder::big), png);
    } else if (type == "PLTE") {
      png.palette = read_palette(data);
    } else if (type == "tRNS" && png.colour != 4 && png.colour != 6) {
      png.transparency = data;
    } else if (type == "IDAT") {
      png.packed += data;
    } else if (type == "IEND") {
      if (png.colour == with_palette && png.palette.empty())
        throw Error("damaged: a palette without colours");
      return png;
    }
    at += around + size;
  }
}

/// Sec. 9.2, undone in place. `above` is the row above, as long.
void unfilter(int filter, std::uint8_t* row, const std::uint8_t* above, std::size_t bytes,
              std::size_t pixel) {
  const std::size_t front = std::min(pixel, bytes);
  const auto add = [](std::uint8_t& to, int value) { to = std::uint8_t(to + value); };
  switch (filter) {
    case 0:
      return;
    case 1:
      for (std::size_t i = front; i < bytes; ++i) add(row[i], row[i - pixel]);
      return;
    case 2:
      for (std::size_t i = 0; i < bytes; ++i) add(row[i], above[i]);
      return;
    case 3:
      for (std::size_t i = 0; i < front; ++i) add(row[i], above[i] / 2);
      for (std::size_t i = front; i < bytes; ++i) add(row[i], (row[i - pixel] + above[i]) / 2);
      return;
    case 4:
      for (std::size_t i = 0; i < front; ++i) add(row[i], above[i]);
      for (std::size_t i = front; i < bytes; ++i)
        add(row[i], paeth(row[i - pixel], above[i], above[i - pixel]));
      return;
    default:
      throw Error("damaged: a filter that there is not");
  }
}

/// Where the pixels of a pass go (Sec. 8.2).
struct Pass {
  std::size_t left, top, right, down;
  std::size_t columns(const Png& png) const { return extent(png.width, left, right); }
  std::size_t rows(const Png& png) const { return extent(png.height, top, down); }

 private:
  static std::size_t extent(std::size_t all, std::size_t first, std::size_t step) {
    return all > first ? (all - first + step - 1) / step : 0;
  }
};
constexpr Pass whole[] = {{0, 0, 1, 1}};
constexpr Pass adam7[] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                          {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};

std::span<const Pass> passes(const Png& png) {
  return png.interlaced ? std::span<const Pass>(adam7) : whole;
}

/// The bytes of all passes: each row behind the number of its filter.
std::uint64_t unpacked_bytes(const Png& png) {
  std::uint64_t bytes = 0;
  for (const Pass& pass : passes(png))
    if (const std::size_t columns = pass.columns(png); columns > 0)
      bytes += pass.rows(png) * std::uint64_t(1 + png.row_bytes(columns));
  return bytes;
}

/// Rows of the file to pixels of the picture.
template <class Sample>
class Pixels {
 public:
  Pixels(const Png& png, void* out) : png_(png), out_(static_cast<Sample*>(out)) {
    if (!png.transparency || png.colour == with_palette) return;
    const FileBytes key(*png.transparency, ByteOrder::big);
    for (std::size_t c = 0; c < png.stored(); ++c)
      key_[c] = key.two(2 * c) & ((1u << png.bits) - 1);
  }

  void put(const std::uint8_t* row, const Pass& pass, std::size_t y) {
    const std::size_t columns = pass.columns(png_), channels = png_.channels();
    Sample* pixel = out_ + ((pass.top + y * pass.down) * png_.width + pass.left) * channels;
    for (std::size_t x = 0; x < columns; ++x, pixel += pass.right * channels) {
      if (png_.colour == with_palette)
        put_colour(sample(row, x), pixel);
      else
        put_samples(row, x * png_.stored(), pixel);
    }
  }

 private:
  std::size_t sample(const std::uint8_t* row, std::size_t i) const {
    if (png_.bits == 16) return std::size_t(row[2 * i]) << 8 | row[2 * i + 1];
    if (png_.bits == 8) return row[i];
    const std::size_t bit = i * png_.bits;
    return std::size_t(row[bit / 8]) >> (8 - png_.bits - bit % 8) & ((1u << png_.bits) - 1);
  }

  void put_colour(std::size_t index, Sample* pixel) const {
    std::ranges::copy(colour_at(png_.palette, index), pixel);
    if (!png_.transparency) return;
    const std::string_view opacity = *png_.transparency;
    pixel[3] = index < opacity.size() ? std::uint8_t(opacity[index]) : 255;
  }

  /// 16 bits in 8 are Pillow's: grey limited, colours' high bytes.
  Sample stretched(std::size_t value) const {
    if constexpr (std::is_same_v<Sample, std::uint8_t>) {
      if (png_.bits == 16)
        return Sample(png_.colour == 0 ? std::min<std::size_t>(value, 255) : value >> 8);
      if (png_.bits < 8) return Sample(value * (255 / ((1u << png_.bits) - 1)));
    }
    return Sample(value);
  }

  void put_samples(const std::uint8_t* row, std::size_t first, Sample* pixel) const {
    bool is_key = true;
    for (std::size_t c = 0; c < png_.stored(); ++c) {
      const std::size_t value = sample(row, first + c);
      is_key = is_key && value == key_[c];
      pixel[c] = stretched(value);
    }
    if (png_.transparency) pixel[png_.stored()] = is_key ? Sample(0) : Sample(-1);
  }

  const Png& png_;
  Sample* out_;
  std::array<std::size_t, 4> key_{};  // what is transparent
};

template <class Sample>
void decode(const Png& png, std::string& unpacked, void* out) {
  Pixels<Sample> pixels(png, out);
  const std::size_t pixel = std::max<std::size_t>(1, png.stored() * png.bits / 8);
  auto* row = reinterpret_cast<std::uint8_t*>(unpacked.data());
  for (const Pass& pass : passes(png)) {
    const std::size_t columns = pass.columns(png), bytes = png.row_bytes(columns);
    if (columns == 0) continue;
    const std::vector<std::uint8_t> zeros(bytes);
    const std::uint8_t* above = zeros.data();
    for (std::size_t y = 0; y < pass.rows(png); ++y, row += bytes) {
      const int filter = *row++;
      unfilter(filter, row, above, bytes, pixel);
      pixels.put(row, pass, y);
      above = row;
    }
  }
}

}  // namespace

void read_png(std::string_view bytes, const PlacePicture& place) {
  const Png png = read_chunks(FileBytes(bytes, ByteOrder::big));
  const bool wide = png.bits == 16 && place.sixteen == SixteenBits::scale;
  const Depth depth = wide ? Depth::uint16 : Depth::uint8;
  void* const out = place({png.height, png.width, png.channels(), depth});
  std::string unpacked = inflate_zlib(png.packed, unpacked_bytes(png), "its pixels");
  if (depth == Depth::uint16)
    decode<std::uint16_t>(png, unpacked, out);
  else
    decode<std::uint8_t>(png, unpacked, out);
}

}  // namespace diffusion
