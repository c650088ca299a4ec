// Tables of colours, as BMP, GIF and PNG have them.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

namespace diffusion {

using Rgb8 = std::array<std::uint8_t, 3>;
using Palette = std::vector<Rgb8>;

/// Whether colour i is the grey i throughout, or the two colours are black and white: such a
/// picture is grey.
inline bool is_grey_ramp(const Palette& colours, bool bilevel) {
  const auto grey = [&](std::size_t i) {
    return std::uint8_t(bilevel && colours.size() == 2 ? 255 * i : i);
  };
  for (std::size_t i = 0; i < colours.size(); ++i)
    if (colours[i] != Rgb8{grey(i), grey(i), grey(i)}) return false;
  return true;
}

/// The colour of an index; black where the table has none.
inline Rgb8 colour_at(const Palette& colours, std::size_t index) {
  return index < colours.size() ? colours[index] : Rgb8{};
}

}  // namespace diffusion
