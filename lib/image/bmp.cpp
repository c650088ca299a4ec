#include "lib/image/bmp.hpp"

#include <algorithm>
#include <bit>
#include <vector>

#include "lib/image/bmp_header.hpp"

namespace diffusion {
namespace {

/// The pixels' indices, rows in the file's order, of a picture in run lengths. What they skip
/// is 0; they may end early, and reach over an edge.
class Runs {
 public:
  Runs(const BmpHeader& bmp, const FileBytes& data)
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

  const BmpHeader& bmp_;
  const FileBytes& data_;
  std::vector<std::uint8_t> out_;
  std::size_t at_ = 0, x_ = 0, y_ = 0;
  bool ended_ = false;
};

/// The same of a picture without run lengths.
std::vector<std::uint8_t> plain_indices(const BmpHeader& bmp, const FileBytes& data) {
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

void read_indexed(const BmpHeader& bmp, const FileBytes& data, const PlacePicture& place) {
  const bool grey = is_grey_ramp(bmp.palette, true);
  const std::size_t channels = grey ? 1 : 3;
  auto* out = static_cast<std::uint8_t*>(place({bmp.height, bmp.width, channels, Depth::uint8}));
  const auto indices = bmp.compression == BmpCompression::none ? plain_indices(bmp, data)
                                                               : Runs(bmp, data).indices();
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

void read_colours(const BmpHeader& bmp, const FileBytes& data, const PlacePicture& place) {
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
  const BmpHeader bmp = read_bmp_header(file);
  const FileBytes data(file.from(bmp.pixels), ByteOrder::little);
  const bool plain = bmp.compression == BmpCompression::none;
  if (plain && bmp.width > 0 && bmp.height > data.size() / bmp.row_bytes())
    throw Error(truncated_picture);
  if (bmp.bits <= 8)
    read_indexed(bmp, data, place);
  else
    read_colours(bmp, data, place);
}

}  // namespace diffusion
