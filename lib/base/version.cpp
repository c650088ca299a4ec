#include "lib/base/version.hpp"

namespace diffusion {

std::string_view version() { return DIFFUSION_VERSION; }

std::string_view compiler() {
#ifdef __clang__
  return __VERSION__;  // "Clang 14.0.6"
#else
  return "GCC " __VERSION__;
#endif
}

}  // namespace diffusion
