#include "lib/nn/pixel_linear.hpp"

#include <algorithm>
#include <utility>

#include "lib/kernels/kernels.hpp"
#include "lib/nn/elementwise.hpp"
#include "lib/nn/image_part.hpp"
#include "lib/nn/onednn/outer_products.hpp"

namespace diffusion::nn {
namespace {

/// The size of a part for each map.
Dims of_all(const std::vector<const Param*>& parts) {
  return {std::int64_t(parts.size()), 1, 1, std::int64_t(parts.front()->size)};
}

/// Image by image: in one sum of thousands, rounding would gather.
Tensor summed_over_pixels(const Tensor& dy) {
  const Dims d = dy.dims();
  const Tensor sum(Dims{1, 1, 1, d.c}), of_image(Dims{1, 1, 1, d.c});
  std::ranges::fill(sum.floats(), 0.0f);
  for (std::int64_t n = 0; n < d.n; ++n) {
    kernels().of<float>().add_rows(d.h * d.w, d.c, part_of<float>(dy, n), of_image.as<float>());
    add_in_place(sum, of_image);
  }
  return sum;
}

void add_to_each(const std::vector<const Param*>& parts, const Tensor& from, const Tape& tape) {
  const float* next = from.floats().data();
  for (const Param* part : parts)
    for (float& g : tape.gradient(*part)) g += *next++;
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
  onednn::ConvolutionWeights weights{.weight = std::as_const(parameters_).value(*weights_.front()),
                                     .bias = bias.floats(),
                                     .version = parameters_.version()};
  if (weights_.size() > 1) weights.assembled = [this] { return stacked(weights_); };
  return weights;
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
  if (dy.dtype() == DType::float32)
    add_in_place_of_each(dy, x, tape);
  else
    add_by_convolution(dy, x, tape);
}

/// No derivative passes through a buffer: where maps are wide, that costs as much as they do.
void PixelLinear::add_in_place_of_each(const Tensor& dy, const Tensor& x, const Tape& tape) const {
  const std::int64_t pixels = x.dims().pixels(), out = shape_.out, all = dy.dims().c;
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    const float* const own = dy.as<float>() + std::int64_t(i) * out;
    onednn::add_outer_products(pixels, {own, out, all}, {x.as<float>(), shape_.in, shape_.in},
                               tape.gradient(*weights_[i]).data());
  }
  const Tensor bias = summed_over_pixels(dy);
  add_to_each(biases_, bias, tape);
}

void PixelLinear::add_by_convolution(const Tensor& dy, const Tensor& x, const Tape& tape) const {
  const Tensor weight(of_all(weights_)), bias(of_all(biases_));
  std::ranges::fill(weight.floats(), 0.0f);
  std::ranges::fill(bias.floats(), 0.0f);
  product_.backward_weights(x, dy, weight.floats(), bias.floats());
  add_to_each(weights_, weight, tape);
  add_to_each(biases_, bias, tape);
}

}  // namespace diffusion::nn
