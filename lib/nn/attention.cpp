#include "lib/nn/attention.hpp"

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

Tensor Attention::backward(const Tensor& dresult, Tape& tape) {
  const float divisor = shape_.residual_divisor;
  const Tensor dy = divisor == 1 ? dresult : scaled(dresult, 1 / divisor);
  const Tensor attended = out_.backward(dy, tape);
  const Tensor normalised = qkv_.backward(attend_backward(attended, shape_.heads, tape), tape);
  return norm_.backward(normalised, dy, tape).x;
}

}  // namespace diffusion::nn
