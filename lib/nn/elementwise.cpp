#include "lib/nn/elementwise.hpp"

#include <cassert>
#include <cstring>

#include "lib/base/parallel.hpp"
#include "lib/nn/vec.hpp"

namespace diffusion::nn {
namespace {

constexpr std::size_t grain = 1 << 14;  // floats worth waking a thread for

template <class Body>
void for_each_vector(std::size_t count, Body&& body) {
  const std::size_t blocks = (count + std::size_t(lanes) - 1) / std::size_t(lanes);
  parallel_ranges(blocks, grain / std::size_t(lanes), [&](std::size_t begin, std::size_t end) {
    const auto first = std::int64_t(begin) * lanes;
    const auto last = std::min(std::int64_t(count), std::int64_t(end) * lanes);
    for_each_block(last - first, [&](std::int64_t i, auto part) { body(first + i, part); });
  });
}

template <class Body>
void for_each_row(std::size_t rows, std::size_t bytes, Body&& body) {
  parallel_ranges(rows, grain * sizeof(float) / bytes + 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) body(row);
  });
}

/// Pixels are copied as bytes, whatever the type of their elements.
using Bytes = unsigned char;

std::size_t channel_bytes(const Tensor& x) {
  return std::size_t(x.dims().c) * bytes_per_element(x.dtype());
}

Bytes* bytes(const Tensor& x) { return static_cast<Bytes*>(x.data()); }

/// to(i) = function(from(i)...), all of one type.
template <class Function, class... From>
void map(const Tensor& to, Function&& function, const From&... from) {
  assert(((to.dims() == from.dims() && to.dtype() == from.dtype()) && ...));
  with_type(to.dtype(), [&]<class T>(T) {
    T* const result = to.as<T>();
    for_each_vector(to.count(), [&](std::int64_t i, auto part) [[gnu::always_inline]] {
      part.store(result + i, function(part.load(from.template as<T>() + i)...));
    });
  });
}

}  // namespace

void add_in_place(const Tensor& to, const Tensor& from) {
  map(
      to, [](Vec a, Vec b) { return a + b; }, to, from);
}

Tensor affine(const Tensor& x, float factor, float offset) {
  const Tensor y(x.dims(), x.dtype());
  map(
      y, [=](Vec v) { return v * factor + offset; }, x);
  return y;
}

Tensor converted(const Tensor& x, DType type) {
  if (x.dtype() == type) return x;
  const Tensor y(x.dims(), type);
  const auto convert = [&]<class From, class To>(const From* from, To* to) {
    for_each_vector(x.count(),
                    [=](std::int64_t i, auto part) { part.store(to + i, part.load(from + i)); });
  };
  if (type == DType::bfloat16)
    convert(x.as<float>(), y.as<BFloat16>());
  else
    convert(x.as<BFloat16>(), y.as<float>());
  return y;
}

Tensor silu(const Tensor& x, Tape* tape) {
  Tensor y(x.dims());
  const float* const from = x.floats().data();
  float* const to = y.floats().data();
  for_each_vector(x.count(), [=](std::int64_t i, auto part) {
    const Vec v = part.load(from + i);
    part.store(to + i, v * sigmoid(v));
  });
  if (tape) tape->push(x);
  return y;
}

Tensor silu_backward(const Tensor& dy, Tape& tape) {
  const Tensor x = tape.pop();
  Tensor dx(x.dims());
  const float *const from = x.floats().data(), *const above = dy.floats().data();
  float* const to = dx.floats().data();
  for_each_vector(x.count(), [=](std::int64_t i, auto part) {
    const Vec v = part.load(from + i), s = sigmoid(v);
    part.store(to + i, part.load(above + i) * (s + v * s * (1.0f - s)));
  });
  return dx;
}

Tensor concatenate(const Tensor& a, const Tensor& b) {
  assert(a.dtype() == b.dtype());
  Dims d = a.dims();
  d.c += b.dims().c;
  const Tensor y(d, a.dtype());
  const std::size_t first = channel_bytes(a), second = channel_bytes(b);
  for_each_row(std::size_t(d.pixels()), first + second, [&](std::size_t row) {
    Bytes* const pixel = bytes(y) + row * (first + second);
    std::memcpy(pixel, bytes(a) + row * first, first);
    std::memcpy(pixel + first, bytes(b) + row * second, second);
  });
  return y;
}

Halves split_channels(const Tensor& x, std::int64_t channels) {
  Dims d = x.dims();
  d.c = channels;
  const Tensor a(d, x.dtype());
  d.c = x.dims().c - channels;
  const Tensor b(d, x.dtype());
  const std::size_t first = channel_bytes(a), second = channel_bytes(b);
  for_each_row(std::size_t(d.pixels()), first + second, [&](std::size_t row) {
    const Bytes* const pixel = bytes(x) + row * (first + second);
    std::memcpy(bytes(a) + row * first, pixel, first);
    std::memcpy(bytes(b) + row * second, pixel + first, second);
  });
  return {a, b};
}

Tensor upsample_nearest(const Tensor& x) {
  const Dims d = x.dims();
  const Tensor y(Dims{d.n, 2 * d.h, 2 * d.w, d.c}, x.dtype());
  const std::size_t pixel = channel_bytes(x), w = std::size_t(d.w);
  for_each_row(std::size_t(d.n * d.h), 4 * w * pixel, [&](std::size_t row) {
    Bytes* const above = bytes(y) + row * 4 * w * pixel;
    for (std::size_t i = 0; i < 2 * w; ++i)
      std::memcpy(above + i * pixel, bytes(x) + (row * w + i / 2) * pixel, pixel);
    std::memcpy(above + 2 * w * pixel, above, 2 * w * pixel);
  });
  return y;
}

Tensor upsample_nearest_backward(const Tensor& dy) {
  const Dims d = dy.dims();
  const Tensor dx(Dims{d.n, d.h / 2, d.w / 2, d.c}, dy.dtype());
  const std::int64_t c = d.c, w = d.w / 2;
  with_type(dy.dtype(), [&]<class T>(T) {
    for_each_row(std::size_t(d.n * d.h / 2), 4 * std::size_t(w) * channel_bytes(dy),
                 [&](std::size_t row) {
                   for (std::int64_t i = 0; i < w; ++i) {
                     const T* const above = dy.as<T>() + (std::int64_t(row) * 4 * w + 2 * i) * c;
                     const T* const below = above + 2 * w * c;
                     T* const to = dx.as<T>() + (std::int64_t(row) * w + i) * c;
                     for_each_block(c, [&](std::int64_t k, auto part) {
                       part.store(to + k, (part.load(above + k) + part.load(above + c + k)) +
                                              (part.load(below + k) + part.load(below + c + k)));
                     });
                   }
                 });
  });
  return dx;
}

}  // namespace diffusion::nn
