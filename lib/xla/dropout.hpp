// Dropout's masks, the very ones of nn/dropout.hpp, in integer arithmetic.
#pragma once
#include "lib/nn/layers.hpp"
#include "lib/xla/lower.hpp"

namespace diffusion::xla {

/// x (N x H x W x C) with some elements 0 and the others scaled.
Value dropped_out(Value x, const nn::layers::Dropout& layer, const DropoutDraws& draws);

}  // namespace diffusion::xla
