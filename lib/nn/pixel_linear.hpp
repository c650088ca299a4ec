// A linear map of each pixel's channels, as attention's projections are.
#pragma once
#include <string>
#include <vector>

#include "lib/nn/onednn/convolution.hpp"
#include "lib/nn/parameters.hpp"
#include "lib/nn/tape.hpp"

namespace diffusion::nn {

/// Several maps of the same input are computed as one product, their outputs side
/// by side along the channels in the order of the names.
class PixelLinear {
 public:
  struct Shape {
    std::int64_t in = 1, out = 1;  // of each map
  };

  /// Adds `name`.weight (out x in) and `name`.bias (out) for each name.
  PixelLinear(Parameters& parameters, const std::vector<std::string>& names, const Shape& shape);

  /// N x H x W x in -> N x H x W x (maps out).
  Tensor forward(const Tensor& x, Tape* tape) const;
  Tensor backward(const Tensor& dy, Tape& tape) const;
  /// Where nobody wants the input's derivative.
  void backward_weights(const Tensor& dy, Tape& tape) const;

 private:
  /// The maps' weights, or biases, one after the other.
  Tensor stacked(const std::vector<const Param*>& parts) const;
  onednn::ConvolutionWeights weights_with(const Tensor& bias) const;
  void add_gradients(const Tensor& dy, const Tensor& x, const Tape& tape) const;
  void add_in_place_of_each(const Tensor& dy, const Tensor& x, const Tape& tape) const;
  void add_by_convolution(const Tensor& dy, const Tensor& x, const Tape& tape) const;

  const Parameters& parameters_;
  Shape shape_;
  std::vector<const Param*> weights_, biases_;
  onednn::Convolution product_;
};

}  // namespace diffusion::nn
