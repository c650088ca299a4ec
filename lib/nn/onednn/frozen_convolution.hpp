// Convolutions of a network that is not trained: weights packed once, the bias and
// max(0, x) fused, one image at a time.
#pragma once
#include <memory>
#include <span>

#include "lib/nn/convolution_shape.hpp"

namespace diffusion::nn::onednn {

/// Works on the calling thread alone, so that several may run different images, and
/// the same image gives the same bits whatever runs beside it.
class FrozenConvolution {
 public:
  /// For images of the size of `x`, whose n is 1. `weight` is out x in x height x
  /// width, `bias` is out, or empty; neither is kept.
  FrozenConvolution(const ConvolutionShape& shape, const Dims& x, DType type,
                    std::span<const float> weight, std::span<const float> bias);
  ~FrozenConvolution();
  FrozenConvolution(FrozenConvolution&&) noexcept;

  const Dims& input() const;

  /// max(0, w * x + b), in the type of x; without a bias w * x alone, in float32.
  Tensor forward(const Tensor& x) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace diffusion::nn::onednn
