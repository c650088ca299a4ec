#include "lib/nn/query_key_norm.hpp"

#include <algorithm>
#include <vector>

#include "lib/base/parallel.hpp"
#include "lib/kernels/kernels.hpp"
#include "lib/nn/elementwise.hpp"

namespace diffusion::nn {
namespace {

/// The heads of a pixel are the rows that are normalised.
kernel::LayerNormShape rows_of(const layers::QueryKeyNorm& shape) {
  return {shape.heads, shape.size, shape.eps, false};
}

}  // namespace

QueryKeyNorm::QueryKeyNorm(Parameters& parameters, const layers::QueryKeyNorm& shape)
    : parameters_(parameters),
      shape_(shape),
      weights_{&parameters.add(shape.query + ".weight", {std::size_t(shape.size)}),
               &parameters.add(shape.key + ".weight", {std::size_t(shape.size)})} {}

template <class Body>
void QueryKeyNorm::for_each_part(const Dims& d, std::int64_t image, Body&& body) const {
  const std::int64_t pixels = d.h * d.w, channels = shape_.heads * shape_.size;
  for (std::int64_t p = image * pixels; p < (image + 1) * pixels; ++p)
    for (std::int64_t part = 0; part < 2; ++part)
      body(part, p * d.c + part * channels, (2 * p + part) * 2 * shape_.heads);
}

Tensor QueryKeyNorm::forward(const Tensor& x, Tape* tape) const {
  const Dims d = x.dims();
  const Tensor y = copied(x), statistics(Dims{d.n, d.h, d.w, 4 * shape_.heads});
  const Tensor zeros(Dims{1, 1, 1, shape_.size});
  std::ranges::fill(zeros.floats(), 0.0f);
  const float* const factors[] = {parameters_.value(*weights_[0]).data(),
                                  parameters_.value(*weights_[1]).data()};
  with_type(x.dtype(), [&]<class T>(T) {
    parallel_for(std::size_t(d.n), [&](std::size_t n) {
      for_each_part(d, std::int64_t(n), [&](std::int64_t part, std::int64_t at, std::int64_t kept) {
        kernels().of<T>().normalise_pixels(
            rows_of(shape_), {x.as<T>() + at, y.as<T>() + at, factors[part], zeros.as<float>(),
                              statistics.as<float>() + kept});
      });
    });
  });
  if (tape)
    for (const Tensor& each : {x, statistics}) tape->push(each);
  return y;
}

Tensor QueryKeyNorm::backward(const Tensor& dy, Tape& tape) const {
  const Tensor statistics = tape.pop(), x = tape.pop();
  const Dims d = x.dims();
  const Tensor dx = copied(dy);
  // Of each image the sums of queries' factors and offsets, and of keys'; offsets nobody asks for.
  const Tensor sums(Dims{d.n, 2, 2, shape_.size});
  std::ranges::fill(sums.floats(), 0.0f);
  const float* const factors[] = {parameters_.value(*weights_[0]).data(),
                                  parameters_.value(*weights_[1]).data()};
  with_type(x.dtype(), [&]<class T>(T) {
    parallel_for(std::size_t(d.n), [&](std::size_t n) {
      const auto image = std::int64_t(n);
      for_each_part(d, image, [&](std::int64_t part, std::int64_t at, std::int64_t kept) {
        float* const sum = sums.as<float>() + (2 * image + part) * 2 * shape_.size;
        kernels().of<T>().normalise_pixels_backward(
            rows_of(shape_),
            {x.as<T>() + at, dx.as<T>() + at, nullptr, dx.as<T>() + at, factors[part],
             statistics.as<float>() + kept, sum, sum + shape_.size});
      });
    });
  });
  if (tape.wants_weights()) add_gradients(sums, tape);
  return dx;
}

void QueryKeyNorm::add_gradients(const Tensor& sums, const Tape& tape) const {
  for (std::int64_t part = 0; part < 2; ++part) {
    const std::span<float> to = tape.gradient(*weights_[part]);
    for (std::int64_t n = 0; n < sums.dims().n; ++n)
      for (std::int64_t c = 0; c < shape_.size; ++c)
        to[std::size_t(c)] += sums.as<float>()[(2 * n + part) * 2 * shape_.size + c];
  }
}

}  // namespace diffusion::nn
