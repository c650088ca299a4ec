#include "lib/nn/pixel_linear.hpp"

#include <algorithm>

namespace diffusion::nn {

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

PixelLinear::Stack PixelLinear::stacked() const {
  const auto gather = [&](const std::vector<const Param*>& parts, std::int64_t each) {
    Tensor whole(Dims{std::int64_t(parts.size()), 1, 1, each});
    float* to = whole.floats().data();
    for (const Param* part : parts) to = std::ranges::copy(parameters_.value(*part), to).out;
    return whole;
  };
  return {gather(weights_, shape_.out * shape_.in), gather(biases_, shape_.out)};
}

Tensor PixelLinear::forward(const Tensor& x, Tape* tape) const {
  const Stack stack = stacked();
  Tensor y = product_.forward(x, stack.view(parameters_.version()));
  if (tape) tape->push(x);
  return y;
}

Tensor PixelLinear::backward(const Tensor& dy, Tape& tape) const {
  Tensor x = tape.pop();
  const Dims dims = x.dims();
  const Stack stack = stacked();
  if (tape.wants_weights()) add_gradients(dy, x, tape);
  x = {};  // its buffer may serve the result
  return product_.backward_data(dy, dims, stack.view(parameters_.version()));
}

void PixelLinear::add_gradients(const Tensor& dy, const Tensor& x, const Tape& tape) const {
  const Stack sums = stacked();
  std::ranges::fill(sums.weight.floats(), 0.0f);
  std::ranges::fill(sums.bias.floats(), 0.0f);
  product_.backward_weights(x, dy, sums.weight.floats(), sums.bias.floats());
  const auto scatter = [&](const std::vector<const Param*>& parts, const float* from) {
    for (const Param* part : parts)
      for (float& g : tape.gradient(*part)) g += *from++;
  };
  scatter(weights_, sums.weight.floats().data());
  scatter(biases_, sums.bias.floats().data());
}

}  // namespace diffusion::nn
