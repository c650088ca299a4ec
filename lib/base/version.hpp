#pragma once
#include <string_view>

namespace diffusion {

/// "0.2.0", as in CMakeLists.txt; provenance in the files that tools write.
std::string_view version();

/// "GCC 12.2.0": what compiled this file.
std::string_view compiler();

}  // namespace diffusion
