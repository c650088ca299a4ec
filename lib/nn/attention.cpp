#include "lib/nn/attention.hpp"

#include <utility>

#include "lib/nn/attention_product.hpp"
#include "lib/nn/elementwise.hpp"

namespace diffusion::nn {

Attention::Attention(Parameters& parameters, const std::string& name, const Shape& shape)
    : shape_(shape),
      norm_(parameters, name + ".group_norm",
            {.channels = shape.channels, .groups = shape.groups, .eps = shape.eps}),
      qkv_(parameters, {name + ".to_q", name + ".to_k", name + ".to_v"},
           {.in = shape.channels, .out = shape.channels}),
      out_(parameters, {name + ".to_out.0"}, {.in = shape.channels, .out = shape.channels}) {}

Tensor Attention::forward(const Tensor& x, Tape* tape) const {
  const Tensor qkv = qkv_.forward(norm_.forward(x, tape), tape);
  const Tensor y = out_.forward(attend(qkv, shape_.heads, tape), tape);
  add_in_place(y, x);
  return shape_.residual_divisor == 1 ? y : scaled(y, 1 / shape_.residual_divisor);
}

Tensor Attention::backward(Tensor dy, Tape& tape) const {
  if (shape_.residual_divisor != 1) dy = scaled(dy, 1 / shape_.residual_divisor);
  Tensor d = attend_backward(out_.backward(dy, tape), shape_.heads, tape);
  d = qkv_.backward(d, tape);
  return norm_.backward(std::move(d), dy, tape).x;
}

}  // namespace diffusion::nn
