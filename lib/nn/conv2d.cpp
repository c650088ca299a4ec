#include "lib/nn/conv2d.hpp"

#include <utility>

namespace diffusion::nn {

Conv2d::Conv2d(Parameters& parameters, const std::string& name, const ConvolutionShape& shape)
    : parameters_(parameters),
      weight_(
          parameters.add(name + ".weight", {std::size_t(shape.out), std::size_t(shape.in),
                                            std::size_t(shape.kernel), std::size_t(shape.kernel)})),
      bias_(parameters.add(name + ".bias", {std::size_t(shape.out)})),
      convolution_(shape) {}

onednn::ConvolutionWeights Conv2d::weights() const {
  const auto& parameters = std::as_const(parameters_);
  return {parameters.value(weight_), parameters.value(bias_), parameters.version()};
}

Tensor Conv2d::forward(const Tensor& x, Tape* tape) const {
  Tensor y = convolution_.forward(x, weights());
  if (tape) tape->push(x);
  return y;
}

void Conv2d::forward_onto(const Tensor& sum, const Tensor& x, Tape* tape) const {
  convolution_.forward_onto(sum, x, weights());
  if (tape) tape->push(x);
}

Tensor Conv2d::backward(const Tensor& dy, Tape& tape) {
  const Tensor x = tape.pop();
  backward_weights(dy, x);
  return convolution_.backward_data(dy, x.dims(), weights());
}

void Conv2d::backward_weights(const Tensor& dy, const Tensor& x) {
  convolution_.backward_weights(x, dy, parameters_.gradient(weight_), parameters_.gradient(bias_));
}

}  // namespace diffusion::nn
