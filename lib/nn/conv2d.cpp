#include "lib/nn/conv2d.hpp"

namespace diffusion::nn {
namespace {

std::variant<onednn::Convolution, ThinConvolution> convolution_for(const ConvolutionShape& shape) {
  if (ThinConvolution::suits(shape)) return ThinConvolution(shape);
  return onednn::Convolution(shape);
}

}  // namespace

Conv2d::Conv2d(Parameters& parameters, const std::string& name, const ConvolutionShape& shape)
    : parameters_(parameters),
      weight_(parameters.add(name + ".weight",
                             {std::size_t(shape.out), std::size_t(shape.in),
                              std::size_t(shape.kernel.h), std::size_t(shape.kernel.w)})),
      bias_(parameters.add(name + ".bias", {std::size_t(shape.out)})),
      convolution_(convolution_for(shape)) {}

onednn::ConvolutionWeights Conv2d::weights() const {
  return {parameters_.value(weight_), parameters_.value(bias_), parameters_.version()};
}

Tensor Conv2d::forward(const Tensor& x, Tape* tape) const {
  Tensor y = std::visit([&](const auto& c) { return c.forward(x, weights()); }, convolution_);
  if (tape) tape->push(x);
  return y;
}

void Conv2d::forward_onto(const Tensor& sum, const Tensor& x, Tape* tape) const {
  std::visit([&](const auto& c) { c.forward_onto(sum, x, weights()); }, convolution_);
  if (tape) tape->push(x);
}

Tensor Conv2d::backward(const Tensor& dy, Tape& tape) const {
  Tensor x = tape.pop();
  const Dims dims = x.dims();
  if (tape.wants_weights()) add_gradients(dy, x, tape);
  x = {};  // its buffer may serve the result
  return std::visit([&](const auto& c) { return c.backward_data(dy, dims, weights()); },
                    convolution_);
}

void Conv2d::backward_weights(const Tensor& dy, Tape& tape) const {
  add_gradients(dy, tape.pop(), tape);
}

void Conv2d::add_gradients(const Tensor& dy, const Tensor& x, const Tape& tape) const {
  const auto dw = tape.gradient(weight_), db = tape.gradient(bias_);
  std::visit([&](const auto& c) { c.backward_weights(x, dy, dw, db); }, convolution_);
}

}  // namespace diffusion::nn
