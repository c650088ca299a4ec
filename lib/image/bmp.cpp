// The format: Microsoft, "Bitmap Storage" (BITMAPINFOHEADER, BITMAPV5HEADER), and IBM's
// OS/2 2.0 Presentation Manager bitmaps.
#include "lib/image/bmp.hpp"

#include <algorithm>
#include <bit>

#include "lib/image/bytes.hpp"
#include "lib/image/palette.hpp"

namespace diffusion {
namespace {

enum class Compression : std::uint32_t {
  none = 0,
  runs_of_8 = 1,
  runs_of_4 = 2,
  masks = 3,
  jpeg = 4,
  png = 5,
  masks_with_alpha = 6
};

constexpr std::size_t file_header = 14, os2_header = 12, os2_long_header = 64, info_header = 40;

struct Bitmap {
  std::size_t width = 0, height = 0, bits = 0, header = 0, pixels = 0;  // the last two: places
  bool top_down = false;
  Compression compression = Compression::none;
  std::array<std::uint32_t, 4> masks{};  // red, green, blue, alpha
  Palette palette = {};

  std::size_t row_bytes() const { return (width * bits + 31) / 32 * 4; }
  /// Where row y of the picture, counted from the top, is in the file's order.
  std::size_t stored(std::size_t y) const { return top_down ? y : height - 1 - y; }
};

void read_extents(const FileBytes& file, Bitmap& bmp) {
  if (bmp.header == os2_header) {
    bmp.width = file.two(file_header + 4);
    bmp.height = file.two(file_header + 6);
    bmp.bits = file.two(file_header + 10);
    return;
  }
  const auto width = std::int32_t(file.four(file_header + 4));
  const auto height = std::int32_t(file.four(file_header + 8));
  bmp.width = std::size_t(std::max(width, 0));
  bmp.height = std::size_t(std::abs(std::int64_t(height)));
  bmp.top_down = height < 0;
  bmp.bits = file.two(file_header + 14);
  bmp.compression = Compression(file.four(file_header + 16));
}

/// Those of 16 bits without masks are five bits each, those of 32 a byte each.
void read_masks(const FileBytes& file, Bitmap& bmp) {
  const bool given =
      bmp.compression == Compression::masks || bmp.compression == Compression::masks_with_alpha;
  if (!given) {
    bmp.masks = bmp.bits == 16 ? std::array<std::uint32_t, 4>{0x7c00, 0x3e0, 0x1f, 0}
                               : std::array<std::uint32_t, 4>{0xff0000, 0xff00, 0xff, 0};
    return;
  }
  const bool has_alpha =
      bmp.header >= info_header + 16 || bmp.compression == Compression::masks_with_alpha;
  for (std::size_t c = 0; c < (has_alpha ? 4 : 3); ++c) {
    const std::uint32_t mask = file.four(file_header + info_header + 4 * c);
    const std::uint32_t ones = mask == 0 ? 0 : mask >> std::countr_zero(mask);
    if ((ones & (ones + 1)) != 0) throw Error("damaged: a channel mask with gaps");
    bmp.masks[c] = mask;
  }
}

/// As many colours as the header says, or as fit before the pixels.
void read_palette(const FileBytes& file, Bitmap& bmp) {
  if (bmp.bits > 8) return;
  const std::size_t colour = bmp.header == os2_header ? 3 : 4, all = std::size_t(1) << bmp.bits;
  const std::size_t at = file_header + bmp.header;
  const std::size_t used = bmp.header >= info_header ? file.four(file_header + 32) : 0;
  const std::size_t room = bmp.pixels > at ? (bmp.pixels - at) / colour : 0;
  const std::size_t count = std::min({all, used > 0 ? used : all, room});
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view bgr = file.part(at + i * colour, 3);
    bmp.palette.push_back({std::uint8_t(bgr[2]), std::uint8_t(bgr[1]), std::uint8_t(bgr[0])});
  }
}

bool is_one_of(std::size_t value, std::initializer_list<std::size_t> all) {
  return std::ranges::find(all, value) != all.end();
}

/// Why a bitmap can't be read, or "".
std::string objection(const Bitmap& bmp) {
  const std::string what = "a BMP picture ";
  const bool os2 = bmp.header == os2_long_header;
  switch (bmp.compression) {
    case Compression::none:
      if (!is_one_of(bmp.bits, {1, 2, 4, 8, 16, 24, 32}))
        return what + "of " + std::to_string(bmp.bits) + " bits a pixel";
      return "";
    case Compression::runs_of_8:
    case Compression::runs_of_4:
      if (bmp.bits != (bmp.compression == Compression::runs_of_8 ? 8 : 4))
        return "damaged: run lengths of " + std::to_string(bmp.bits) + " bits";
      return bmp.top_down ? "damaged: run lengths from the top" : "";
    case Compression::masks:
    case Compression::masks_with_alpha:
      if (os2) return what + "compressed as OS/2 has it";
      if (bmp.bits != 16 && bmp.bits != 32)
        return "damaged: channel masks for " + std::to_string(bmp.bits) + " bits";
      return "";
    case Compression::jpeg:
      return what + (os2 ? "compressed as OS/2 has it" : "compressed as JPEG");
    case Compression::png:
      return what + "compressed as PNG";
  }
  return what + "of an unknown compression";
}

Bitmap read_header(const FileBytes& file) {
  Bitmap bmp;
  bmp.pixels = file.four(10);
  bmp.header = file.four(file_header);
  if (bmp.header != os2_header && (bmp.header < info_header || bmp.header > 256))
    throw Error("damaged: a header of " + std::to_string(bmp.header) + " bytes");
  read_extents(file, bmp);
  if (const std::string why = objection(bmp); !why.empty()) throw Error(why);
  read_masks(file, bmp);
  read_palette(file, bmp);
  return bmp;
}

/// The pixels' indices, rows in the file's order, of a picture in run lengths. What they skip
/// is 0; they may end early, and reach over an edge.
class Runs {
 public:
  Runs(const Bitmap& bmp, const FileBytes& data)
      : bmp_(bmp), data_(data), out_(bmp.width * bmp.height) {}

  std::vector<std::uint8_t> indices() {
    while (!ended_ && y_ < bmp_.height) {
      const std::size_t count = data_.byte(at_), value = data_.byte(at_ + 1);
      at_ += 2;
      if (count > 0)
        run(count, value);
      else
        command(value);
    }
    return std::move(out_);
  }

 private:
  bool nibbles() const { return bmp_.bits == 4; }
  void put(std::size_t index) {
    if (x_ < bmp_.width) out_[y_ * bmp_.width + x_] = std::uint8_t(index);
    ++x_;
  }
  /// Pixel i of those in a byte.
  std::size_t pixel(std::size_t value, std::size_t i) const {
    return !nibbles() ? value : i % 2 == 0 ? value >> 4 : value & 15;
  }
  void run(std::size_t count, std::size_t value) {
    for (std::size_t i = 0; i < count; ++i) put(pixel(value, i));
  }
  void command(std::size_t code) {
    switch (code) {
      case 0:  // the row's end
        x_ = 0;
        ++y_;
        return;
      case 1:
        ended_ = true;
        return;
      case 2:  // a step right and up
        x_ += data_.byte(at_);
        y_ += data_.byte(at_ + 1);
        at_ += 2;
        return;
      default:  // so many pixels as they are, in whole words
        const std::size_t bytes = nibbles() ? (code + 1) / 2 : code;
        const std::string_view pixels = data_.part(at_, bytes);
        for (std::size_t i = 0; i < code; ++i)
          put(pixel(std::uint8_t(pixels[nibbles() ? i / 2 : i]), i));
        at_ += (bytes + 1) / 2 * 2;
    }
  }

  const Bitmap& bmp_;
  const FileBytes& data_;
  std::vector<std::uint8_t> out_;
  std::size_t at_ = 0, x_ = 0, y_ = 0;
  bool ended_ = false;
};

/// The same of a picture without run lengths.
std::vector<std::uint8_t> plain_indices(const Bitmap& bmp, const FileBytes& data) {
  std::vector<std::uint8_t> out;
  out.reserve(bmp.width * bmp.height);
  const std::size_t mask = (1u << bmp.bits) - 1;
  for (std::size_t y = 0; y < bmp.height; ++y) {
    const std::string_view row = data.part(y * bmp.row_bytes(), (bmp.width * bmp.bits + 7) / 8);
    for (std::size_t x = 0; x < bmp.width; ++x) {
      const std::size_t bit = x * bmp.bits;
      out.push_back(std::uint8_t(std::uint8_t(row[bit / 8]) >> (8 - bmp.bits - bit % 8) & mask));
    }
  }
  return out;
}

void read_indexed(const Bitmap& bmp, const FileBytes& data, const PlacePicture& place) {
  const bool grey = is_grey_ramp(bmp.palette, true);
  const std::size_t channels = grey ? 1 : 3;
  auto* out = static_cast<std::uint8_t*>(place({bmp.height, bmp.width, channels, Depth::uint8}));
  const auto indices =
      bmp.compression == Compression::none ? plain_indices(bmp, data) : Runs(bmp, data).indices();
  for (std::size_t y = 0; y < bmp.height; ++y)
    for (std::size_t x = 0; x < bmp.width; ++x) {
      const Rgb8 colour = colour_at(bmp.palette, indices[bmp.stored(y) * bmp.width + x]);
      out = std::copy_n(colour.begin(), channels, out);
    }
}

/// A channel's bits in a pixel, as 8.
class Channel {
 public:
  explicit Channel(std::uint32_t mask)
      : mask_(mask), shift_(mask == 0 ? 0 : std::countr_zero(mask)), bits_(std::popcount(mask)) {}
  std::uint8_t of(std::uint32_t pixel) const {
    const std::uint32_t value = (pixel & mask_) >> shift_;
    if (bits_ >= 8) return std::uint8_t(value >> (bits_ - 8));
    return bits_ == 0 ? 0 : std::uint8_t(value * 255 / ((1u << bits_) - 1));
  }

 private:
  std::uint32_t mask_;
  int shift_, bits_;
};

void read_colours(const Bitmap& bmp, const FileBytes& data, const PlacePicture& place) {
  const std::size_t channels = bmp.masks[3] != 0 ? 4 : 3, pixel_bytes = bmp.bits / 8;
  auto* out = static_cast<std::uint8_t*>(place({bmp.height, bmp.width, channels, Depth::uint8}));
  const Channel of[] = {Channel(bmp.masks[0]), Channel(bmp.masks[1]), Channel(bmp.masks[2]),
                        Channel(bmp.masks[3])};
  for (std::size_t y = 0; y < bmp.height; ++y) {
    const std::string_view row =
        data.part(bmp.stored(y) * bmp.row_bytes(), bmp.width * pixel_bytes);
    for (std::size_t x = 0; x < bmp.width; ++x) {
      std::uint32_t pixel = 0;
      for (std::size_t i = pixel_bytes; i-- > 0;)
        pixel = pixel << 8 | std::uint8_t(row[x * pixel_bytes + i]);
      for (std::size_t c = 0; c < channels; ++c) *out++ = of[c].of(pixel);
    }
  }
}

}  // namespace

void read_bmp(std::string_view bytes, const PlacePicture& place) {
  const FileBytes file(bytes, ByteOrder::little);
  const Bitmap bmp = read_header(file);
  const FileBytes data(file.from(bmp.pixels), ByteOrder::little);
  const bool plain = bmp.compression == Compression::none;
  if (plain && bmp.width > 0 && bmp.height > data.size() / bmp.row_bytes())
    throw Error(truncated_picture);
  if (bmp.bits <= 8)
    read_indexed(bmp, data, place);
  else
    read_colours(bmp, data, place);
}

}  // namespace diffusion
