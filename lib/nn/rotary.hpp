// Where a pixel is, told to attention: queries and keys are turned by angles that grow with its
// row and column, so that their products know the distance (Su et al., "RoFormer: Enhanced
// Transformer with Rotary Position Embedding", 2021; in two dimensions as Fang et al., "EVA-02: A
// Visual Representation for Neon Genesis", 2023).
#pragma once
#include <vector>

#include "lib/nn/layers.hpp"

namespace diffusion::nn {

/// Of height x width x size numbers: a pair of neighbours is turned by place 10000^(-2i / half),
/// i its number in its half; the first half of a head's channels goes by the row, the other by the
/// column. As kernel::Turns has them.
struct RotaryTable {
  std::vector<float> cosines, sines;
};
RotaryTable rotary_table(const layers::Rotary& shape);

/// The layer.
class RotaryTurns {
 public:
  explicit RotaryTurns(const layers::Rotary& shape) : shape_(shape), table_(rotary_table(shape)) {}
  Tensor forward(const Tensor& x) const { return turned(x, 1); }
  Tensor backward(const Tensor& dy) const { return turned(dy, -1); }

 private:
  Tensor turned(const Tensor& x, float direction) const;

  layers::Rotary shape_;
  RotaryTable table_;
};

}  // namespace diffusion::nn
