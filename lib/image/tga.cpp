// The format: Truevision, "TGA File Format Specification, Version 2.0".
#include "lib/image/tga.hpp"

#include <string>

#include "lib/base/text.hpp"
#include "lib/image/bytes.hpp"

namespace diffusion {
namespace {

constexpr unsigned paletted = 1, in_runs = 8;  // kinds of pictures

/// Numbers of colours from `at` on, plain or in runs, each below `colours`.
void check_indices(const FileBytes& file, std::size_t at, std::size_t colours) {
  const std::size_t pixels = std::size_t(file.two(12)) * file.two(14);
  const std::size_t each = file.byte(16) > 8 ? 2 : 1;
  for (std::size_t done = 0; done < pixels;) {
    std::size_t count = 1, stored = 1;
    if (file.byte(2) & in_runs) {
      const std::size_t packet = file.byte(at++);
      count = packet % 128 + 1;
      stored = packet < 128 ? count : 1;
    }
    for (; stored > 0; --stored, at += each)
      if ((each == 1 ? file.byte(at) : file.two(at)) >= colours)
        throw Error("damaged: a pixel of a colour outside its palette");
    done += count;
  }
}

}  // namespace

void check_tga(std::string_view bytes) {
  const FileBytes file(bytes, ByteOrder::little);
  const unsigned bits = file.byte(16);
  if (bits != 8 && bits != 15 && bits != 16 && bits != 24 && bits != 32)
    throw Error("a TGA picture of " + count_of(bits, "bit") +
                " a pixel, which is not read: convert it to grey, RGB or RGBA of 8 bits");
  if ((file.byte(2) & ~in_runs) != paletted) return;
  const std::size_t first = file.two(3), colours = file.two(5);
  if (first != 0)
    throw Error("a TGA picture whose palette begins at colour " + std::to_string(first) +
                ", which is not read: convert it to RGB");
  check_indices(file, 18 + file.byte(0) + colours * ((file.byte(7) + 7u) / 8), colours);
}

}  // namespace diffusion
