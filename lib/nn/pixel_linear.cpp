#include "lib/nn/pixel_linear.hpp"

#include <algorithm>

namespace diffusion::nn {
namespace {

/// The size of a part for each map.
Dims of_all(const std::vector<const Param*>& parts) {
  return {std::int64_t(parts.size()), 1, 1, std::int64_t(parts.front()->size)};
}

}  // namespace

PixelLinear::PixelLinear(Parameters& parameters, const std::vector<std::string>& names,
                         const Shape& shape)
    : parameters_(parameters),
      shape_(shape),
      product_({.in = shape.in, .out = shape.out * std::int64_t(names.size())}) {
  const std::size_t in = std::size_t(shape.in), out = std::size_t(shape.out);
  for (const auto& name : names) {
    weights_.push_back(&parameters.add(name + ".weight", {out, in}));
    biases_.push_back(&parameters.add(name + ".bias", {out}));
  }
}

Tensor PixelLinear::stacked(const std::vector<const Param*>& parts) const {
  Tensor whole(of_all(parts));
  float* to = whole.floats().data();
  for (const Param* part : parts) to = std::ranges::copy(parameters_.value(*part), to).out;
  return whole;
}

onednn::ConvolutionWeights PixelLinear::weights_with(const Tensor& bias) const {
  return {
      .weight = {}, .bias = bias.floats(), .version = parameters_.version(), .assembled = [this] {
        return stacked(weights_);
      }};
}

Tensor PixelLinear::forward(const Tensor& x, Tape* tape) const {
  Tensor y = product_.forward(x, weights_with(stacked(biases_)));
  if (tape) tape->push(x);
  return y;
}

Tensor PixelLinear::backward(const Tensor& dy, Tape& tape) const {
  Tensor x = tape.pop();
  const Dims dims = x.dims();
  if (tape.wants_weights()) add_gradients(dy, x, tape);
  x = {};  // its buffer may serve the result
  return product_.backward_data(dy, dims, weights_with({}));
}

void PixelLinear::backward_weights(const Tensor& dy, Tape& tape) const {
  add_gradients(dy, tape.pop(), tape);
}

void PixelLinear::add_gradients(const Tensor& dy, const Tensor& x, const Tape& tape) const {
  const Tensor weight(of_all(weights_)), bias(of_all(biases_));
  std::ranges::fill(weight.floats(), 0.0f);
  std::ranges::fill(bias.floats(), 0.0f);
  product_.backward_weights(x, dy, weight.floats(), bias.floats());
  const auto scatter = [&](const std::vector<const Param*>& parts, const float* from) {
    for (const Param* part : parts)
      for (float& g : tape.gradient(*part)) g += *from++;
  };
  scatter(weights_, weight.floats().data());
  scatter(biases_, bias.floats().data());
}

}  // namespace diffusion::nn
