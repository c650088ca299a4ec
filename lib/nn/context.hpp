// Vectors that stand before an image's pixels, for attention to look at.
#pragma once
#include "lib/nn/layers.hpp"
#include "lib/nn/parameters.hpp"
#include "lib/nn/tape.hpp"

namespace diffusion::nn {

/// The layer: see layers::Context.
class ContextTokens {
 public:
  /// Adds a weight of the layer's name, 1 x count x channels.
  ContextTokens(Parameters& parameters, const layers::Context& shape);

  /// x: N x H x W x C; vector: N x 1 x 1 x C, float32. N x 1 x (count + H W) x C.
  Tensor forward(const Tensor& x, const Tensor& vector, Tape* tape) const;

  struct Gradients {
    Tensor x, vector;
  };
  /// `dy` is of what forward returned.
  Gradients backward(const Tensor& dy, Tape& tape) const;

 private:
  const Parameters& parameters_;
  const Param& weight_;
  std::int64_t count_;
};

/// The pixels behind them: see layers::WithoutContext.
Tensor without_context(const Tensor& x, const layers::WithoutContext& shape);
/// The reverse: zeros where the vectors were.
Tensor with_empty_context(const Tensor& dy, const layers::WithoutContext& shape);

}  // namespace diffusion::nn
