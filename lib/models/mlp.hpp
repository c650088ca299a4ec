// A residual multilayer perceptron for points, 1 x 1 x D: blocks of a norm and two linear maps with
// an activation between them, added to what came before, whose norms and gates follow the time and
// the class as those of a DiT do (Peebles and Xie, "Scalable Diffusion Models with Transformers",
// 2023, adaLN-Zero), without its attention, since a point is one token.
#pragma once
#include "lib/models/network.hpp"

namespace diffusion {

/// Its row in networks().
NetworkInfo mlp_network();

}  // namespace diffusion
