// The size of images, which weights of a network do not tell.
#pragma once
#include <optional>

#include "lib/base/params.hpp"
#include "lib/models/network.hpp"

namespace diffusion {

/// "size": N or HxW; nothing where it is not given. Throws Error.
std::optional<ImageSides> take_sides(Params& params);

}  // namespace diffusion
