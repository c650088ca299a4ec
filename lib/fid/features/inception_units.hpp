// The convolutions of the FID Inception: Szegedy et al. 2016, "Rethinking the Inception
// Architecture for Computer Vision", as TensorFlow's network of 2015-12-05 has them.
#pragma once
#include <span>
#include <string>

#include "lib/nn/convolution_shape.hpp"

namespace diffusion {

/// A convolution without bias, BatchNorm and max(0, x); `of_means`: of the means of 3 x 3 pixels
/// around each, of those that are in the image.
struct InceptionUnit {
  std::string name;    // "Mixed_5b.branch1x1": PyTorch's and torchvision's names
  std::string script;  // "mixed_conv": TensorFlow's, as the TorchScript archive has them
  nn::ConvolutionShape shape;
  std::int64_t size;  // height and width of its input
  bool of_means = false;
};

std::span<const InceptionUnit> inception_units();

inline constexpr std::int64_t inception_size = 299, inception_features = 2048,
                              inception_classes = 1008;
inline constexpr double inception_norm_eps = 1e-3;

}  // namespace diffusion
