// Resizing: antialiased bicubic, the `clean` mode of image metrics, and the bilinear
// modes of earlier programs.
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

/// Where a pixel of the output looks in the input, `scale` being in / out: between the
/// centres of pixels, (i + 1/2) scale - 1/2, as PyTorch has it with align_corners
/// False; or at i scale, as TensorFlow 1 has it.
enum class Grid { centres, corners };

/// H x W x C -> height x width x C: linear between neighbours, without antialiasing.
/// Its places in the input are floats, as theirs. All four extents must be positive.
Tensor resize_bilinear(const Tensor& image, std::size_t height, std::size_t width, Grid grid);

}  // namespace diffusion
