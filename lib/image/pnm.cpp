// The formats: Poskanzer and others, the Netpbm manual, pbm(5), pgm(5), ppm(5); Debevec's PFM.
#include "lib/image/pnm.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "lib/base/text.hpp"
#include "lib/image/bytes.hpp"

namespace diffusion {
namespace {

constexpr std::string_view blanks = " \t\r\n\v\f";

/// A word of a header, for a message: of damaged files it may be long.
std::string shown(std::string_view word) {
  constexpr std::size_t most = 20;
  const bool all = word.size() <= most;
  return "\"" + printable(word.substr(0, most)) + (all ? "" : "...") + "\"";
}

/// Words between blanks; in a header also between comments.
class Words {
 public:
  explicit Words(std::string_view text) : text_(text) {}

  std::string_view next() {
    skip_blanks();
    const std::size_t end = std::min(text_.find_first_of(" \t\r\n\v\f#", at_), text_.size());
    if (end == at_) throw Error(truncated_picture);
    const std::string_view word = text_.substr(at_, end - at_);
    at_ = end;
    return word;
  }

  std::size_t whole(std::size_t most) {
    const std::string_view word = next();
    std::size_t value = 0;
    for (const char digit : word) {
      if (digit < '0' || digit > '9' || value > most)
        throw Error("damaged: " + shown(word) + " instead of a number");
      value = value * 10 + std::size_t(digit - '0');
    }
    if (value > most)
      throw Error("damaged: " + shown(word) + " is more than " + std::to_string(most));
    return value;
  }

  /// A digit, which may touch the next.
  char digit() {
    skip_blanks();
    if (at_ == text_.size()) throw Error(truncated_picture);
    return text_[at_++];
  }

  /// What stands behind the one blank that ends the header.
  std::string_view rest() const { return text_.substr(std::min(at_ + 1, text_.size())); }

 private:
  void skip_blanks() {
    for (;;) {
      at_ = std::min(text_.find_first_not_of(blanks, at_), text_.size());
      if (at_ == text_.size() || text_[at_] != '#') return;
      at_ = std::min(text_.find_first_of("\r\n", at_), text_.size());
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

void need(std::string_view data, std::size_t each, const PictureLayout& layout) {
  if (layout.width * layout.channels > 0 &&
      layout.height > data.size() / each / (layout.width * layout.channels))
    throw Error(truncated_picture);
}

/// White is 0. As bytes, rows end with them.
void read_bits(Words& file, bool text, PictureLayout layout, const PlacePicture& place) {
  const std::string_view data = file.rest();
  const std::size_t row_bytes = (layout.width + 7) / 8;
  if (!text && row_bytes > 0 && layout.height > data.size() / row_bytes)
    throw Error(truncated_picture);
  auto* out = static_cast<std::uint8_t*>(place(layout));
  for (std::size_t y = 0; y < layout.height; ++y)
    for (std::size_t x = 0; x < layout.width; ++x) {
      const bool black =
          text ? file.digit() == '1' : (data[y * row_bytes + x / 8] >> (7 - x % 8) & 1) != 0;
      *out++ = black ? 0 : 255;
    }
}

/// How integers become samples: `white` becomes `most`; what the type does not hold, its largest.
struct Spreading {
  std::size_t white, most;
};

/// `of(i)`: sample i, which is `white` at most.
template <class Sample, class Of>
void spread(std::size_t count, const Spreading& how, void* to, Of of) {
  const auto [white, most] = how;
  auto* const out = static_cast<Sample*>(to);
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t value = std::min<std::size_t>(of(i), white);
    if (white != most)
      value = std::size_t(std::nearbyint(double(value) / double(white) * double(most)));
    out[i] = Sample(std::min<std::size_t>(value, Sample(-1)));
  }
}

void read_integers(Words& file, bool text, PictureLayout layout, const PlacePicture& place) {
  const std::size_t white = file.whole(65535);
  if (white == 0) throw Error("damaged: white is 0");
  const bool as_pillow = white > 255 && place.sixteen == SixteenBits::pillow;
  const bool wide = white > 255 && !as_pillow;
  layout.depth = wide ? Depth::uint16 : Depth::uint8;
  const std::string_view data = file.rest();
  // A number takes a digit and a blank.
  need(data, white > 255 || text ? 2 : 1, text ? PictureLayout{} : layout);
  void* const out = place(layout);
  // Pillow makes colours 8 bits, but spreads grey over 16 bits, of which others keep up to 255.
  const bool grey = layout.channels == 1;
  const Spreading how{white, wide || (as_pillow && grey) ? std::size_t(65535) : 255};
  const std::size_t count = layout.height * layout.width * layout.channels;
  const auto word = [&](std::size_t) { return file.whole(65535); };
  const auto byte = [&](std::size_t i) { return std::size_t(std::uint8_t(data[i])); };
  const auto two = [&](std::size_t i) { return byte(2 * i) << 8 | byte(2 * i + 1); };
  if (wide)
    text ? spread<std::uint16_t>(count, how, out, word)
         : spread<std::uint16_t>(count, how, out, two);
  else if (text)
    spread<std::uint8_t>(count, how, out, word);
  else
    as_pillow ? spread<std::uint8_t>(count, how, out, two)
              : spread<std::uint8_t>(count, how, out, byte);
}

/// Rows from the bottom. The sign of the scale tells the order of bytes; its size is of no
/// unit that values in [0, 1] have.
void read_floats(Words& file, PictureLayout layout, const PlacePicture& place) {
  const std::string word(file.next());
  const auto scale = parse_number(word);
  if (!scale || *scale == 0) throw Error("damaged: the scale is " + shown(word));
  const std::string_view data = file.rest();
  layout.depth = Depth::float32;
  need(data, sizeof(float), layout);
  auto* const out = static_cast<float*>(place(layout));
  const FileBytes numbers(data, *scale < 0 ? ByteOrder::little : ByteOrder::big);
  const std::size_t row = layout.width * layout.channels;
  for (std::size_t y = 0; y < layout.height; ++y)
    for (std::size_t i = 0; i < row; ++i)
      out[(layout.height - 1 - y) * row + i] =
          std::bit_cast<float>(numbers.four((y * row + i) * sizeof(float)));
}

}  // namespace

void read_pnm(std::string_view bytes, const PlacePicture& place) {
  constexpr std::size_t most = 1 << 28;
  Words file(bytes);
  const char kind = file.next().at(1);
  const bool colours = kind == '3' || kind == '6' || kind == 'F';
  const bool text = kind >= '1' && kind <= '3';
  PictureLayout layout{.channels = colours ? std::size_t(3) : 1};
  layout.width = file.whole(most);
  layout.height = file.whole(most);
  if (kind == '1' || kind == '4')
    read_bits(file, text, layout, place);
  else if (kind == 'f' || kind == 'F')
    read_floats(file, layout, place);
  else
    read_integers(file, text, layout, place);
}

}  // namespace diffusion
