// Radiance pictures, before OpenImageIO sees them.
#pragma once
#include <string_view>

namespace diffusion {

/// How the lines of a Radiance file's bytes run, as the orientation (orientation.hpp) by which the
/// picture that OpenImageIO reads, lines from the top, has to be turned. Throws Error where the
/// file does not say.
int orientation_of_hdr(std::string_view bytes);

}  // namespace diffusion
