#include "lib/nn/elementwise.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <vector>

#include "lib/base/parallel.hpp"
#include "lib/kernels/kernels.hpp"

namespace diffusion::nn {
namespace {

constexpr std::size_t grain = 1 << 14;  // floats worth waking a thread for

/// Calls body(first, count) for ranges that begin where a vector does, so that every element
/// is met by the same instructions whatever the number of threads.
template <class Body>
void for_each_range(std::size_t count, Body&& body) {
  constexpr std::size_t vector = 16;
  parallel_ranges((count + vector - 1) / vector, grain / vector,
                  [&](std::size_t begin, std::size_t end) {
                    const std::size_t first = begin * vector;
                    body(first, std::int64_t(std::min(count, end * vector) - first));
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

}  // namespace

Tensor copied(const Tensor& x) {
  const Tensor y(x.dims(), x.dtype());
  std::memcpy(y.data(), x.data(), x.count() * bytes_per_element(x.dtype()));
  return y;
}

void add_in_place(const Tensor& to, const Tensor& from) {
  assert(to.dims() == from.dims() && to.dtype() == from.dtype());
  with_type(to.dtype(), [&]<class T>(T) {
    for_each_range(to.count(), [&](std::size_t first, std::int64_t count) {
      kernels().of<T>().add(count, from.as<T>() + first, to.as<T>() + first);
    });
  });
}

Tensor affine(const Tensor& x, float factor, float offset) {
  const Tensor y(x.dims(), x.dtype());
  with_type(x.dtype(), [&]<class T>(T) {
    for_each_range(x.count(), [&](std::size_t first, std::int64_t count) {
      kernels().of<T>().affine(count, x.as<T>() + first, factor, offset, y.as<T>() + first);
    });
  });
  return y;
}

Tensor converted(const Tensor& x, DType type) {
  if (x.dtype() == type) return x;
  const Tensor y(x.dims(), type);
  for_each_range(x.count(), [&](std::size_t first, std::int64_t count) {
    if (type == DType::bfloat16)
      kernels().narrow(count, x.as<float>() + first, y.as<BFloat16>() + first);
    else
      kernels().widen(count, x.as<BFloat16>() + first, y.as<float>() + first);
  });
  return y;
}

Tensor relu(const Tensor& x) {
  const Tensor y(x.dims(), x.dtype());
  with_type(x.dtype(), [&]<class T>(T) {
    for_each_range(x.count(), [&](std::size_t first, std::int64_t count) {
      const T* const from = x.as<T>() + first;
      std::transform(from, from + count, y.as<T>() + first,
                     [](T value) { return widened(value) < 0 ? T{} : value; });
    });
  });
  return y;
}

Tensor activated(const Tensor& x, kernel::Activation activation, Tape* tape) {
  const Tensor y(x.dims());
  for_each_range(x.count(), [&](std::size_t first, std::int64_t count) {
    kernels().activate(activation, count, x.as<float>() + first, y.as<float>() + first);
  });
  if (tape) tape->push(x);
  return y;
}

Tensor activated_backward(const Tensor& dy, kernel::Activation activation, Tape& tape) {
  const Tensor x = tape.pop(), dx(x.dims());
  for_each_range(x.count(), [&](std::size_t first, std::int64_t count) {
    kernels().activate_backward(activation, count, x.as<float>() + first, dy.as<float>() + first,
                                dx.as<float>() + first);
  });
  return dx;
}

Tensor gelu(const Tensor& x, Tape* tape) {
  const Tensor y(x.dims(), x.dtype());
  with_type(x.dtype(), [&]<class T>(T) {
    for_each_range(x.count(), [&](std::size_t first, std::int64_t count) {
      kernels().of<T>().gelu(count, x.as<T>() + first, y.as<T>() + first);
    });
  });
  if (tape) tape->push(x);
  return y;
}

Tensor gelu_backward(const Tensor& dy, Tape& tape) {
  const Tensor x = tape.pop(), dx(x.dims(), x.dtype());
  with_type(x.dtype(), [&]<class T>(T) {
    for_each_range(x.count(), [&](std::size_t first, std::int64_t count) {
      kernels().of<T>().gelu_backward(count, x.as<T>() + first, dy.as<T>() + first,
                                      dx.as<T>() + first);
    });
  });
  return dx;
}

Tensor swiglu(const Tensor& x, Tape* tape) {
  Dims d = x.dims();
  d.c /= 2;
  const Tensor y(d, x.dtype());
  with_type(x.dtype(), [&]<class T>(T) {
    for_each_row(std::size_t(d.pixels()), channel_bytes(x), [&](std::size_t row) {
      const auto at = std::int64_t(row) * d.c;
      kernels().of<T>().swiglu(d.c, x.as<T>() + 2 * at, y.as<T>() + at);
    });
  });
  if (tape) tape->push(x);
  return y;
}

Tensor swiglu_backward(const Tensor& dy, Tape& tape) {
  const Tensor x = tape.pop(), dx(x.dims(), x.dtype());
  const Dims d = dy.dims();
  with_type(x.dtype(), [&]<class T>(T) {
    for_each_row(std::size_t(d.pixels()), channel_bytes(x), [&](std::size_t row) {
      const auto at = std::int64_t(row) * d.c;
      kernels().of<T>().swiglu_backward(d.c, x.as<T>() + 2 * at, dy.as<T>() + at,
                                        dx.as<T>() + 2 * at);
    });
  });
  return dx;
}

Tensor gated_sum(const Tensor& x, const Tensor& y, const Tensor& gate, Tape* tape) {
  const Dims d = x.dims();
  const std::int64_t pixels = d.h * d.w;
  const Tensor z(d, x.dtype());
  with_type(x.dtype(), [&]<class T>(T) {
    parallel_for(std::size_t(d.n), [&](std::size_t image) {
      const std::int64_t n = std::int64_t(image), at = n * pixels * d.c;
      kernels().of<T>().add_gated(
          pixels, d.c,
          {x.as<T>() + at, y.as<T>() + at, gate.as<float>() + n * d.c, z.as<T>() + at});
    });
  });
  if (tape)
    for (const Tensor& kept : {y, gate}) tape->push(kept);
  return z;
}

GatedSumGradients gated_sum_backward(const Tensor& dz, Tape& tape) {
  const Tensor gate = tape.pop(), y = tape.pop();
  const Dims d = dz.dims();
  const std::int64_t pixels = d.h * d.w;
  const Tensor dy(d, y.dtype()), dgate(gate.dims());
  std::ranges::fill(dgate.floats(), 0.0f);
  with_type(y.dtype(), [&]<class T>(T) {
    parallel_for(std::size_t(d.n), [&](std::size_t image) {
      const std::int64_t n = std::int64_t(image), at = n * pixels * d.c;
      kernels().of<T>().add_gated_backward(
          pixels, d.c,
          {dz.as<T>() + at, y.as<T>() + at, gate.as<float>() + n * d.c, dy.as<T>() + at,
           dgate.as<float>() + n * d.c});
    });
  });
  return {dy, dgate};
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

Tensor channel_range(const Tensor& x, std::int64_t first, std::int64_t count) {
  Dims d = x.dims();
  d.c = count;
  const Tensor y(d, x.dtype());
  const std::size_t from = channel_bytes(x), to = channel_bytes(y);
  const Bytes* const begin = bytes(x) + std::size_t(first) * bytes_per_element(x.dtype());
  for_each_row(std::size_t(d.pixels()), to,
               [&](std::size_t row) { std::memcpy(bytes(y) + row * to, begin + row * from, to); });
  return y;
}

Tensor in_channel_range(const Tensor& x, std::int64_t first, std::int64_t channels) {
  Dims d = x.dims();
  d.c = channels;
  const Tensor y(d, x.dtype());
  const std::size_t from = channel_bytes(x), to = channel_bytes(y);
  const std::size_t before = std::size_t(first) * bytes_per_element(x.dtype());
  for_each_row(std::size_t(d.pixels()), to, [&](std::size_t row) {
    Bytes* const pixel = bytes(y) + row * to;
    std::memset(pixel, 0, to);
    std::memcpy(pixel + before, bytes(x) + row * from, from);
  });
  return y;
}

Halves split_channels(const Tensor& x, std::int64_t channels) {
  return {channel_range(x, 0, channels), channel_range(x, channels, x.dims().c - channels)};
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
                   const auto at = std::int64_t(row) * w * c;
                   kernels().of<T>().add_quads(w, c, dy.as<T>() + 4 * at, dx.as<T>() + at);
                 });
  });
  return dx;
}

Tensor blurred(const Tensor& x) {
  const Dims d = x.dims();
  const Tensor y(d, x.dtype());
  const std::int64_t row = d.w * d.c;
  with_type(x.dtype(), [&]<class T>(T) {
    parallel_for(std::size_t(d.n), [&](std::size_t image) {
      std::vector<float> scratch(static_cast<std::size_t>(row));
      const T* from = x.as<T>() + std::int64_t(image) * d.h * row;
      T* to = y.as<T>() + std::int64_t(image) * d.h * row;
      for (std::int64_t i = 0; i < d.h; ++i, from += row, to += row)
        kernels().of<T>().blur_row(d.w, d.c,
                                   {i > 0 ? from - row : nullptr, from,
                                    i + 1 < d.h ? from + row : nullptr, scratch.data(), to});
    });
  });
  return y;
}

Tensor downsample_mean(const Tensor& x) { return scaled(upsample_nearest_backward(x), 0.25f); }
Tensor downsample_mean_backward(const Tensor& dy) { return scaled(upsample_nearest(dy), 0.25f); }

}  // namespace diffusion::nn
