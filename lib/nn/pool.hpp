// Pooling of images that are only looked at: no derivatives. On the calling thread.
#pragma once
#include <cstdint>
#include <span>

#include "lib/nn/tensor.hpp"

namespace diffusion::nn {

/// The largest of 3 x 3 pixels, every second of them, inside the image:
/// (h - 1) / 2 x (w - 1) / 2. h and w are at least 3.
Tensor max_pool_halving(const Tensor& x);

/// The largest of 3 x 3 pixels around each, as far as they are in the image.
Tensor max_pool_around(const Tensor& x);

/// The mean of 3 x 3 pixels around each, of those that are in the image.
Tensor average_pool_around(const Tensor& x);

/// The mean over all pixels of each of c channels; x is one image.
void spatial_mean(const Tensor& x, std::span<float> mean);

/// Writes the channels of `from` into those of `to` from `first` on.
void copy_channels(const Tensor& from, const Tensor& to, std::int64_t first);

}  // namespace diffusion::nn
