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
void for_each_row(std::size_t rows, std::size_t floats, Body&& body) {
  parallel_ranges(rows, grain / floats + 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) body(row);
  });
}

void copy(float* to, const float* from, std::size_t count) {
  std::memcpy(to, from, count * sizeof(float));
}

}  // namespace

void add_in_place(const Tensor& to, const Tensor& from) {
  assert(to.dims() == from.dims());
  float* const a = to.floats().data();
  const float* const b = from.floats().data();
  for_each_vector(to.count(), [=](std::int64_t i, auto part) {
    part.store(a + i, part.load(a + i) + part.load(b + i));
  });
}

Tensor affine(const Tensor& x, float factor, float offset) {
  Tensor y(x.dims());
  const float* const from = x.floats().data();
  float* const to = y.floats().data();
  for_each_vector(x.count(), [=](std::int64_t i, auto part) {
    part.store(to + i, part.load(from + i) * factor + offset);
  });
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
  Dims d = a.dims();
  const auto first = std::size_t(d.c), second = std::size_t(b.dims().c);
  d.c += b.dims().c;
  Tensor y(d);
  const float *const left = a.floats().data(), *const right = b.floats().data();
  float* const to = y.floats().data();
  for_each_row(std::size_t(d.pixels()), first + second, [=](std::size_t row) {
    float* const pixel = to + row * (first + second);
    copy(pixel, left + row * first, first);
    copy(pixel + first, right + row * second, second);
  });
  return y;
}

Halves split_channels(const Tensor& x, std::int64_t channels) {
  Dims d = x.dims();
  const auto first = std::size_t(channels), second = std::size_t(d.c - channels);
  d.c = channels;
  Tensor a(d);
  d.c = std::int64_t(second);
  Tensor b(d);
  const float* const from = x.floats().data();
  float *const left = a.floats().data(), *const right = b.floats().data();
  for_each_row(std::size_t(d.pixels()), first + second, [=](std::size_t row) {
    const float* const pixel = from + row * (first + second);
    copy(left + row * first, pixel, first);
    copy(right + row * second, pixel + first, second);
  });
  return {a, b};
}

Tensor upsample_nearest(const Tensor& x) {
  const Dims d = x.dims();
  Tensor y(Dims{d.n, 2 * d.h, 2 * d.w, d.c});
  const auto c = std::size_t(d.c), w = std::size_t(d.w);
  const float* const from = x.floats().data();
  float* const to = y.floats().data();
  for_each_row(std::size_t(d.n * d.h), 4 * w * c, [=](std::size_t row) {
    float* const above = to + row * 4 * w * c;
    for (std::size_t i = 0; i < w; ++i)
      for (std::size_t twice = 0; twice < 2; ++twice)
        copy(above + (2 * i + twice) * c, from + (row * w + i) * c, c);
    copy(above + 2 * w * c, above, 2 * w * c);
  });
  return y;
}

Tensor upsample_nearest_backward(const Tensor& dy) {
  const Dims d = dy.dims();
  Tensor dx(Dims{d.n, d.h / 2, d.w / 2, d.c});
  const std::int64_t c = d.c, w = d.w / 2;
  const float* const from = dy.floats().data();
  float* const to = dx.floats().data();
  for_each_row(std::size_t(d.n * d.h / 2), std::size_t(4 * w * c), [=](std::size_t row) {
    for (std::int64_t i = 0; i < w; ++i) {
      const float* const above = from + (std::int64_t(row) * 4 * w + 2 * i) * c;
      const float* const below = above + 2 * w * c;
      for_each_block(c, [&](std::int64_t k, auto part) {
        part.store(to + (std::int64_t(row) * w + i) * c + k,
                   (part.load(above + k) + part.load(above + c + k)) +
                       (part.load(below + k) + part.load(below + c + k)));
      });
    }
  });
  return dx;
}

}  // namespace diffusion::nn
