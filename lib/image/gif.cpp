// The format: CompuServe, "Graphics Interchange Format, Version 89a".
#include "lib/image/gif.hpp"

#include <algorithm>
#include <optional>

#include "lib/image/bytes.hpp"
#include "lib/image/palette.hpp"

namespace diffusion {
namespace {

struct GifFrame {
  std::size_t left = 0, top = 0, width = 0, height = 0;
  bool interlaced = false;
  Palette palette = {};
  std::optional<std::size_t> transparent = {};  // a colour
  std::string packed = {};
  std::size_t code_bits = 0;  // of a colour
};

/// Walks through a file.
class Walker {
 public:
  explicit Walker(std::string_view bytes) : file_(bytes, ByteOrder::little) {}

  std::size_t byte() { return file_.byte(at_++); }
  std::size_t two() {
    at_ += 2;
    return file_.two(at_ - 2);
  }
  void skip(std::size_t bytes) { at_ += bytes; }

  /// A table that `flags` announce; empty where they announce none.
  Palette palette(std::size_t flags) {
    Palette colours((flags & 0x80) != 0 ? std::size_t(2) << (flags & 7) : 0);
    for (Rgb8& colour : colours)
      for (std::uint8_t& value : colour) value = std::uint8_t(byte());
    return colours;
  }

  /// The blocks that stand here, joined.
  std::string blocks() {
    std::string all;
    while (const std::size_t size = byte()) {
      all += file_.part(at_, size);
      at_ += size;
    }
    return all;
  }

 private:
  FileBytes file_;
  std::size_t at_ = 0;
};

/// The transparent colour that a graphic control extension (Sec. 23) names.
std::optional<std::size_t> transparent_in(const std::string& control) {
  if (control.size() < 4 || (control[0] & 1) == 0) return std::nullopt;
  return std::uint8_t(control[3]);
}

GifFrame read_frame(Walker& file, Palette global, std::optional<std::size_t> transparent) {
  GifFrame frame{.left = file.two(), .top = file.two(), .width = file.two(), .height = file.two()};
  const std::size_t flags = file.byte();
  frame.interlaced = (flags & 0x40) != 0;
  frame.palette = file.palette(flags);
  if (frame.palette.empty()) frame.palette = std::move(global);
  frame.transparent = transparent;
  frame.code_bits = file.byte();
  frame.packed = file.blocks();
  return frame;
}

GifFrame first_frame(Walker& file, const Palette& global) {
  constexpr std::size_t extension = 0x21, control = 0xf9, image = 0x2c, trailer = 0x3b;
  std::optional<std::size_t> transparent;
  for (;;) {
    switch (file.byte()) {
      case extension: {
        const std::size_t label = file.byte();
        const std::string data = file.blocks();
        if (label == control) transparent = transparent_in(data);
        break;
      }
      case image:
        return read_frame(file, global, transparent);
      case trailer:
        throw Error("it has no pictures");
      default:
        break;  // bytes between blocks mean nothing
    }
  }
}

/// Codes of varying length, low bits first.
class Codes {
 public:
  explicit Codes(const std::string& packed) : packed_(packed) {}
  std::optional<std::size_t> next(std::size_t bits) {
    while (held_ < bits) {
      if (at_ == packed_.size()) return std::nullopt;
      buffer_ |= std::size_t(std::uint8_t(packed_[at_++])) << held_;
      held_ += 8;
    }
    const std::size_t code = buffer_ & ((std::size_t(1) << bits) - 1);
    buffer_ >>= bits;
    held_ -= bits;
    return code;
  }

 private:
  const std::string& packed_;
  std::size_t at_ = 0, buffer_ = 0, held_ = 0;
};

/// The strings that codes stand for: each one that is there already, and a colour (App. F).
class Strings {
 public:
  explicit Strings(std::size_t colours) : colours_(colours) { clear(); }

  void clear() { entries_.resize(colours_ + 2); }  // two codes are commands
  std::size_t size() const { return entries_.size(); }
  void add(std::size_t before, std::size_t colour) {
    if (entries_.size() < most) entries_.push_back({std::uint16_t(before), std::uint8_t(colour)});
  }

  /// The string of a code that there is, last colour first, into `out`.
  void spell_backwards(std::size_t code, std::vector<std::uint8_t>& out) const {
    for (; code >= colours_; code = entries_[code].before) out.push_back(entries_[code].colour);
    out.push_back(std::uint8_t(code));
  }

  static constexpr std::size_t most = 4096;

 private:
  struct Entry {
    std::uint16_t before = 0;
    std::uint8_t colour = 0;
  };
  std::size_t colours_;
  std::vector<Entry> entries_;
};

/// So many indices of colours. Variable-length LZW (App. F).
std::vector<std::uint8_t> unpacked(const GifFrame& frame, std::size_t count) {
  if (frame.code_bits < 1 || frame.code_bits > 8) throw Error("damaged: codes of a wrong size");
  const std::size_t clear = std::size_t(1) << frame.code_bits, end = clear + 1;
  Codes codes(frame.packed);
  Strings strings(clear);
  std::vector<std::uint8_t> out, text;
  out.reserve(count);
  std::size_t bits = frame.code_bits + 1;
  constexpr std::size_t nothing = Strings::most;
  std::size_t before = nothing;
  while (out.size() < count) {
    const auto code = codes.next(bits);
    if (!code || *code == end) throw Error(truncated_picture);
    if (*code == clear) {
      strings.clear();
      bits = frame.code_bits + 1;
      before = nothing;
      continue;
    }
    text.clear();
    if (*code > strings.size() || (*code == strings.size() && before == nothing))
      throw Error("damaged: a code that means nothing");
    // A code that is only about to be defined is the string before and its first colour.
    strings.spell_backwards(*code < strings.size() ? *code : before, text);
    const std::uint8_t first = text.back();
    if (*code == strings.size()) text.insert(text.begin(), first);
    if (before != nothing) strings.add(before, first);
    out.insert(out.end(), text.rbegin(), text.rend());
    before = *code;
    if (strings.size() == std::size_t(1) << bits && bits < 12) ++bits;
  }
  out.resize(count);
  return out;
}

/// Where the file's rows go (App. E).
std::vector<std::size_t> row_order(const GifFrame& frame) {
  std::vector<std::size_t> rows;
  if (frame.interlaced)
    for (const auto& [first, step] : {std::pair{0, 8}, {4, 8}, {2, 4}, {1, 2}})
      for (std::size_t y = std::size_t(first); y < frame.height; y += std::size_t(step))
        rows.push_back(y);
  else
    for (std::size_t y = 0; y < frame.height; ++y) rows.push_back(y);
  return rows;
}

}  // namespace

void read_gif(std::string_view bytes, const PlacePicture& place) {
  Walker file(bytes);
  file.skip(6);  // "GIF89a"
  std::size_t width = file.two(), height = file.two();
  const std::size_t flags = file.byte();
  file.skip(2);  // the background, which nobody draws, and the pixels' shape
  const Palette global = file.palette(flags);
  const GifFrame frame = first_frame(file, global);
  width = std::max(width, frame.left + frame.width);
  height = std::max(height, frame.top + frame.height);

  if (frame.width == 0 || frame.height == 0) throw Error("damaged: its frame has no pixels");
  const bool grey = is_grey_ramp(frame.palette, false);  // where there is no palette, too
  const std::size_t colours = grey ? 1 : 3;
  const std::size_t channels = colours + (frame.transparent ? 1 : 0);
  auto* const out = static_cast<std::uint8_t*>(place({height, width, channels, Depth::uint8}));
  const auto put = [&](std::size_t y, std::size_t x, std::size_t index) {
    std::uint8_t* const pixel = out + (y * width + x) * channels;
    const Rgb8 colour = grey ? Rgb8{std::uint8_t(index)} : colour_at(frame.palette, index);
    std::copy_n(colour.begin(), colours, pixel);
    if (frame.transparent) pixel[colours] = index == *frame.transparent ? 0 : 255;
  };
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x) put(y, x, frame.transparent.value_or(0));
  const auto indices = unpacked(frame, frame.width * frame.height);
  const auto rows = row_order(frame);
  for (std::size_t i = 0; i < indices.size(); ++i)
    put(frame.top + rows[i / frame.width], frame.left + i % frame.width, indices[i]);
}

}  // namespace diffusion
