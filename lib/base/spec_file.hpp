// Tells a file name from a spec string where either may be given.
#pragma once
#include <string_view>

namespace diffusion {

/// "-" (standard input), anything with a '/', and names that end in ".json".
inline bool names_file(std::string_view spec) {
  return spec == "-" || spec.find('/') != spec.npos || spec.ends_with(".json");
}

}  // namespace diffusion
