// The U-Net of diffusion models (Ronneberger et al., "U-Net: Convolutional
// Networks for Biomedical Image Segmentation", 2015; Ho et al., "Denoising
// Diffusion Probabilistic Models", 2020, appendix B), as diffusers' UNet2DModel:
// the same configuration, weights and results.
#pragma once
#include <string>
#include <string_view>

#include "lib/models/network.hpp"

namespace diffusion {

/// Its row in networks().
NetworkInfo unet_network();

/// The present name of a weight as early diffusers releases named it: attention's
/// query, key, value and proj_attn became to_q, to_k, to_v and to_out.0, the frequencies of Fourier
/// features a weight. Other names come back as they are.
std::string current_weight_name(std::string_view name);

}  // namespace diffusion
