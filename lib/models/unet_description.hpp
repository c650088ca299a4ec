// A U-Net as a graph of layers.
#pragma once
#include "lib/models/unet_config.hpp"
#include "lib/nn/graph.hpp"

namespace diffusion {

/// As diffusers' UNet2DModel has it. Throws Error where groups of norms do not divide channels.
nn::Graph unet_description(const UNetConfig& config);

}  // namespace diffusion
