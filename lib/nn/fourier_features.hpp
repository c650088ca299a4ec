// Vectors that tell of an image's time or label without training.
#pragma once
#include <span>

#include "lib/nn/layers.hpp"
#include "lib/nn/parameters.hpp"

namespace diffusion::nn {

/// See layers::FourierFeatures.
class FourierFeatures {
 public:
  /// Adds `name`.weight (frequencies), fixed.
  FourierFeatures(Parameters& parameters, const layers::FourierFeatures& layer);

  /// x: N x 1 x 1 x 1. Rounded where the networks that circulate were trained with rounding.
  Tensor forward(const Tensor& x) const;

 private:
  const Parameters& parameters_;
  const Param& weight_;
};

/// See layers::LabelSinusoids; no labels are as many of -1. Throws Error on a label out of range.
Tensor label_sinusoids(std::int64_t images, std::span<const int> labels,
                       const layers::LabelSinusoids& layer);

}  // namespace diffusion::nn
