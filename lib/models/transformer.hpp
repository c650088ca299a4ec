// Diffusion transformers: the DiT (Peebles and Xie, "Scalable Diffusion Models with Transformers",
// 2023, adaLN-Zero), and one for large patches of pixels in the manner of the JiT (Li and He, "Back
// to Basics: Let Denoising Generative Models Denoise", 2025, without its tokens of the class).
// Weights have the names of the authors' code.
#pragma once
#include "lib/models/network.hpp"

namespace diffusion {

/// Their rows in networks().
NetworkInfo dit_network();
NetworkInfo jit_network();

}  // namespace diffusion
