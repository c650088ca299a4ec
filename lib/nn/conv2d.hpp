// Convolution of images, and the linear map of each pixel.
#pragma once
#include <string>
#include <variant>

#include "lib/nn/onednn/convolution.hpp"
#include "lib/nn/parameters.hpp"
#include "lib/nn/tape.hpp"
#include "lib/nn/thin_convolution.hpp"

namespace diffusion::nn {

class Conv2d {
 public:
  /// Adds `name`.weight (out x in x kernel x kernel) and `name`.bias (out).
  Conv2d(Parameters& parameters, const std::string& name, const ConvolutionShape& shape);

  Tensor forward(const Tensor& x, Tape* tape) const;
  /// Adds its result to `sum`, in place.
  void forward_onto(const Tensor& sum, const Tensor& x, Tape* tape) const;
  Tensor backward(const Tensor& dy, Tape& tape) const;
  /// Where nobody wants the input's derivative.
  void backward_weights(const Tensor& dy, Tape& tape) const;

 private:
  onednn::ConvolutionWeights weights() const;
  void add_gradients(const Tensor& dy, const Tensor& x, const Tape& tape) const;

  const Parameters& parameters_;
  const Param &weight_, &bias_;
  std::variant<onednn::Convolution, ThinConvolution> convolution_;
};

}  // namespace diffusion::nn
