#include "lib/models/published_size.hpp"

#include "lib/base/text.hpp"

namespace diffusion {

std::optional<ImageSides> take_sides(Params& params) {
  constexpr std::size_t most = 1 << 16;
  const std::string text = params.text("size", "");
  if (text.empty()) return std::nullopt;
  const auto sides = parse_extents(text).value_or(std::vector<std::size_t>{});
  const auto sound = [&](std::size_t side) { return side >= 1 && side <= most; };
  if (sides.empty() || sides.size() > 2 || !sound(sides.front()) || !sound(sides.back()))
    params.refuse("size", "must be a number of pixels, or HEIGHTxWIDTH, got " + text);
  return ImageSides{sides.front(), sides.back()};
}

}  // namespace diffusion
