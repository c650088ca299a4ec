// The diffusion transformer (Peebles and Xie, "Scalable Diffusion Models with Transformers", 2023,
// adaLN-Zero), with the original's weights under the original's names.
#pragma once
#include "lib/models/network.hpp"

namespace diffusion {

/// Its row in networks().
NetworkInfo dit_network();

}  // namespace diffusion
