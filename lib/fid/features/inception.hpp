// The features that define FID (Heusel et al. 2017), with weights that the user supplies:
// resizing, then lib/fid/features/inception_network.hpp.
#pragma once
#include "lib/fid/features/features.hpp"

namespace diffusion {

/// Takes weights (a file; default_inception_path()), tap (2048, 768, 192, 64), resize
/// (clean, legacy_pytorch, legacy_tensorflow), logits (unbiased, biased) and precision
/// (float32, bf16). Throws Error, also when there is no such file: then it says which
/// to get.
FeatureExtractor inception_features_from(Params& params, const FeatureSettings& settings);

/// What the network sees of an image on the scale 0..255: 299 x 299 x 3. Parmar, Zhang,
/// Zhu 2022, "On Aliased Resizing and Surprising Subtleties in GAN Evaluation".
/// clean: antialiased bicubic, clipped; legacy_pytorch: bilinear between the centres of
/// pixels; legacy_tensorflow: bilinear between their corners. The first and the last
/// become (v - 128) / 128, the second 2 (v / 255) - 1.
Tensor inception_input(const Tensor& image, const std::string& resize);

}  // namespace diffusion
