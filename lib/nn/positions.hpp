// Where a pixel is, as a transformer is told: sines and cosines of its column and its row.
#pragma once
#include <vector>

#include "lib/nn/layers.hpp"

namespace diffusion::nn {

/// height x width x channels. Of each pixel a quarter of the channels are sines of its column, a
/// quarter cosines of it, and so for its row; frequency i of n is 10000^(-i / n) (Vaswani et al.,
/// "Attention Is All You Need", 2017, Sec. 3.5, in two dimensions as Peebles and Xie, "Scalable
/// Diffusion Models with Transformers", 2023).
std::vector<float> position_table(const layers::Positions& shape);

/// The layer: adds the table to each image.
class PositionSum {
 public:
  explicit PositionSum(const layers::Positions& shape);
  Tensor forward(const Tensor& x) const;

 private:
  Tensor table_;  // of one image
};

}  // namespace diffusion::nn
