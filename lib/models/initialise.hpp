// The weights a network starts training from.
#pragma once
#include <cstdint>

#include "lib/nn/parameters.hpp"

namespace diffusion {

/// PyTorch's defaults, which the recipes in circulation were tuned with: weights
/// and biases of convolutions and linear layers uniform on +-1/sqrt(inputs of the
/// layer) (He et al. 2015 with a = sqrt(5)), norms 1 and 0, class vectors standard
/// normal. Each weight draws from its own stream, addressed by its name, so that
/// networks with a layer in common start it alike.
void initialise(nn::Parameters& parameters, std::uint64_t seed);

}  // namespace diffusion
