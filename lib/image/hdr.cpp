// The format: Ward, "The RADIANCE Picture File Format".
#include "lib/image/hdr.hpp"

#include <algorithm>
#include <iterator>
#include <sstream>

#include "lib/base/error.hpp"

namespace diffusion {

/// The line behind the header: "-Y 2 +X 3" is 2 rows from the top of 3 pixels from the left,
/// "+X 3 +Y 2" is 3 columns from the left of 2 pixels from the bottom.
int orientation_of_hdr(std::string_view bytes) {
  constexpr std::string_view end_of_header = "\n\n";
  constexpr std::string_view ways[] = {"-Y+X", "-Y-X", "+Y-X", "+Y+X",
                                       "+X-Y", "-X-Y", "-X+Y", "+X+Y"};
  const std::size_t end = std::min(bytes.find(end_of_header), bytes.size());
  const std::string_view behind = bytes.substr(end).substr(0, 80);
  std::istringstream line{std::string(behind)};
  std::string lines, count, pixels;
  line >> lines >> count >> pixels;
  const auto way = std::ranges::find(ways, lines + pixels);
  if (way == std::end(ways)) throw Error("damaged: its header does not say how its lines run");
  return int(way - std::begin(ways)) + 1;
}

}  // namespace diffusion
