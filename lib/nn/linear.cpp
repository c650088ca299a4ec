#include "lib/nn/linear.hpp"

#include <algorithm>

#include "lib/base/parallel.hpp"
#include "lib/kernels/kernels.hpp"

namespace diffusion::nn {
namespace {

constexpr std::size_t rows_at_once = 4;

/// Calls body(begin, end) for blocks of rows whose bounds depend on nothing but `rows`.
template <class Body>
void for_row_blocks(std::int64_t rows, Body&& body) {
  const auto blocks = (std::size_t(rows) + rows_at_once - 1) / rows_at_once;
  parallel_ranges(blocks, 2, [&](std::size_t begin, std::size_t end) {
    body(std::int64_t(begin * rows_at_once),
         std::min<std::int64_t>(rows, std::int64_t(end * rows_at_once)));
  });
}

}  // namespace

Linear::Linear(Parameters& parameters, const std::string& name, std::int64_t in, std::int64_t out)
    : parameters_(parameters),
      weight_(parameters.add(name + ".weight", {std::size_t(out), std::size_t(in)})),
      bias_(parameters.add(name + ".bias", {std::size_t(out)})),
      in_(in),
      out_(out) {}

Tensor Linear::forward(const Tensor& x, Tape* tape) const {
  const std::int64_t n = x.dims().n;
  const float* const weight = parameters_.value(weight_).data();
  const float* const bias = parameters_.value(bias_).data();
  Tensor y(Dims{n, 1, 1, out_});
  const float* const from = x.floats().data();
  float* const to = y.floats().data();
  for_row_blocks(n, [&](std::int64_t begin, std::int64_t end) {
    kernels().multiply_rows({end - begin, out_, in_}, {from + begin * in_, in_}, {weight, in_},
                            to + begin * out_, out_);
    for (std::int64_t i = begin; i < end; ++i)
      for (std::int64_t o = 0; o < out_; ++o) to[i * out_ + o] += bias[o];
  });
  if (tape) tape->push(x);
  return y;
}

Tensor Linear::backward(const Tensor& dy, Tape& tape) const {
  const Tensor x = tape.pop();
  const std::int64_t n = dy.dims().n;
  const float* const from = dy.floats().data();
  const float* const weight = parameters_.value(weight_).data();
  if (tape.wants_weights()) add_gradients(dy, x, tape);
  Tensor dx(x.dims());
  for_row_blocks(n, [&](std::int64_t begin, std::int64_t end) {
    kernels().multiply({end - begin, in_, out_}, {from + begin * out_, out_}, {weight, in_},
                       dx.floats().data() + begin * in_, in_);
  });
  return dx;
}

void Linear::backward_weights(const Tensor& dy, Tape& tape) const {
  add_gradients(dy, tape.pop(), tape);
}

void Linear::add_gradients(const Tensor& dy, const Tensor& x, const Tape& tape) const {
  const std::int64_t n = dy.dims().n;
  const float* const from = dy.floats().data();
  float* const db = tape.gradient(bias_).data();
  float* const dw = tape.gradient(weight_).data();
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t o = 0; o < out_; ++o) db[o] += from[i * out_ + o];
  for_row_blocks(out_, [&](std::int64_t begin, std::int64_t end) {
    kernels().multiply_add({end - begin, in_, n}, {from + begin, 1, out_}, {x.floats().data(), in_},
                           dw + begin * in_, in_);
  });
}

}  // namespace diffusion::nn
