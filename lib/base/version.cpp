#include "lib/base/version.hpp"

namespace diffusion {

std::string_view version() { return DIFFUSION_VERSION; }

}  // namespace diffusion
