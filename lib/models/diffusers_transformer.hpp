// The diffusion transformer as diffusers has it, which is not that of its authors
// (lib/models/transformer.hpp): each block embeds time and class for itself.
#pragma once
#include "lib/models/network.hpp"

namespace diffusion {

/// Its row in networks().
NetworkInfo diffusers_dit_network();

}  // namespace diffusion
