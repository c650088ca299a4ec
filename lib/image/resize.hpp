// Antialiased bicubic resizing, the `clean` mode of image metrics.
// Parmar, Zhang, Zhu 2022, "On Aliased Resizing and Surprising Subtleties in GAN Evaluation".
#pragma once
#include <cstddef>

#include "lib/tensor/tensor.hpp"

namespace diffusion {

/// H x W x C -> height x width x C, any C: Pillow's BICUBIC on float images
/// (a = -1/2; the kernel widens by the scale when shrinking, and its weights are
/// normalised at the borders). Affine in the values, so that any range will do;
/// nothing is clipped, and the kernel overshoots at edges.
/// All four extents must be positive.
Tensor resize_clean(const Tensor& image, std::size_t height, std::size_t width);

}  // namespace diffusion
