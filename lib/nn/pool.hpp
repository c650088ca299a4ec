// Pooling for networks that are not trained: no derivatives. Runs on the calling thread, but for
// what layers are run by.
#pragma once
#include <cstdint>
#include <span>

#include "lib/nn/layers.hpp"

namespace diffusion::nn {

/// Channels first, first + 1, ... of an image: where a branch of a network ends.
struct Slot {
  const Tensor& to;
  std::int64_t first;
};

/// The largest of 3 x 3 pixels, every second of them, inside the image:
/// (h - 1) / 2 x (w - 1) / 2. x is one image without negative values; h and w are at least 3.
Tensor max_pool_halving(const Tensor& x);
void max_pool_halving(const Tensor& x, const Slot& slot);

/// The largest of 3 x 3 pixels around each, as far as they are in the image. x is one image
/// without negative values.
Tensor max_pool_around(const Tensor& x);

/// max(0, m + bias), m the mean of 3 x 3 pixels around each, of those that are in the image.
/// x is one image, float32; the slot may be of another type.
void average_pool_around(const Tensor& x, std::span<const float> bias, const Slot& slot);

/// The mean over all pixels of each of c channels; x is one image.
void spatial_mean(const Tensor& x, std::span<float> mean);

/// The layer of any images, window by window.
Tensor pooled(const Tensor& x, const layers::Pooling& how);
/// spatial_mean of each image: N x 1 x 1 x C, float32.
Tensor spatial_means(const Tensor& x);

/// Writes the channels of `from`.
void copy_channels(const Tensor& from, const Slot& slot);

}  // namespace diffusion::nn
