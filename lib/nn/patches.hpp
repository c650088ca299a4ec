// Images cut into patches, and put together again.
#pragma once
#include "lib/nn/tensor.hpp"

namespace diffusion::nn {

/// N x H x W x C -> N x H/height x W/width x (height width C): each patch by rows, columns and
/// channels.
Tensor patches(const Tensor& x, std::int64_t height, std::int64_t width);

/// The reverse, which is also the derivative.
Tensor unpatched(const Tensor& x, std::int64_t height, std::int64_t width);

}  // namespace diffusion::nn
