// The weighted mean squared error and its derivative.
#pragma once
#include <span>

#include "lib/nn/tensor.hpp"

namespace diffusion {

/// A batch of outputs and targets, image after image, each with its weight.
struct LossInput {
  std::span<const float> output, target;  // as many numbers in each
  std::span<const float> weights;         // one an image
};

/// mean over images and pixels of weight (output - target)^2; writes its
/// derivative by the outputs, and each image's part (the mean over its pixels) where
/// `each` has room for them. Summed in double in an order of its own, so that
/// the bits do not depend on the number of threads.
double squared_error(const LossInput& in, std::span<float> derivative, std::span<double> each = {});

/// The first of twice as many channels, as `dims` has them: what a network with a learned
/// variance predicts.
nn::Tensor first_channels(const nn::Tensor& both, const nn::Dims& dims);

}  // namespace diffusion
