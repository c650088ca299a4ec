#include "lib/nn/pool.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <vector>

#include "lib/nn/vec.hpp"

namespace diffusion::nn {
namespace {

/// Windows of `size` from each `stride`-th place on, beginning `pad` before the image;
/// what is outside the image is left out of them.
struct Windows {
  std::int64_t stride, pad;
  static constexpr std::int64_t size = 3;

  std::int64_t count(std::int64_t extent) const { return (extent + 2 * pad - size) / stride + 1; }
  std::int64_t begin(std::int64_t i) const { return std::max<std::int64_t>(0, i * stride - pad); }
  std::int64_t end(std::int64_t i, std::int64_t extent) const {
    return std::min(extent, i * stride - pad + size);
  }
};

struct Largest {
  [[gnu::always_inline]] static Vec join(Vec a, Vec b) { return a > b ? a : b; }
  [[gnu::always_inline]] static Vec finish(Vec v, std::int64_t) { return v; }
};

struct Mean {
  [[gnu::always_inline]] static Vec join(Vec a, Vec b) { return a + b; }
  [[gnu::always_inline]] static Vec finish(Vec v, std::int64_t count) {
    return v * (1.0f / float(count));
  }
};

/// `count` values of each of `rows` rows, `apart` from each other, joined into one row.
/// Three is the rule, and a constant then.
template <class Join, class T>
void join_rows(const T* row, std::int64_t rows, std::int64_t apart, std::int64_t count,
               float* out) {
  for_each_block(count, [&](std::int64_t i, auto part) {
    const T* from = row + i;
    Vec v = part.load(from);
    if (rows == Windows::size)
      v = Join::join(Join::join(v, part.load(from + apart)), part.load(from + 2 * apart));
    else
      for (std::int64_t r = 1; r < rows; ++r) v = Join::join(v, part.load(from + r * apart));
    part.store(out + i, v);
  });
}

/// First down, then across: six operations for a window of nine.
template <class Join, class T>
void pool_image(const T* x, const Dims& in, const Windows& windows, T* y) {
  const std::int64_t row = in.w * in.c, across = windows.count(in.w);
  std::vector<float> joined(static_cast<std::size_t>(row));
  for (std::int64_t oy = 0; oy < windows.count(in.h); ++oy) {
    const std::int64_t top = windows.begin(oy), rows = windows.end(oy, in.h) - top;
    join_rows<Join>(x + top * row, rows, row, row, joined.data());
    for (std::int64_t ox = 0; ox < across; ++ox, y += in.c) {
      const std::int64_t left = windows.begin(ox), columns = windows.end(ox, in.w) - left;
      for_each_block(in.c, [&](std::int64_t c, auto part) {
        const float* from = joined.data() + left * in.c + c;
        Vec v = part.load(from);
        if (columns == Windows::size)
          v = Join::join(Join::join(v, part.load(from + in.c)), part.load(from + 2 * in.c));
        else
          for (std::int64_t i = 1; i < columns; ++i) v = Join::join(v, part.load(from + i * in.c));
        part.store(y + c, Join::finish(v, rows * columns));
      });
    }
  }
}

template <class Join>
Tensor pool(const Tensor& x, const Windows& windows) {
  const Dims& in = x.dims();
  const Dims out{in.n, windows.count(in.h), windows.count(in.w), in.c};
  Tensor y(out, x.dtype());
  with_type(x.dtype(), [&]<class T>(T) {
    const std::int64_t from = in.h * in.w * in.c, to = out.h * out.w * out.c;
    for (std::int64_t i = 0; i < in.n; ++i)
      pool_image<Join>(x.as<T>() + i * from, in, windows, y.as<T>() + i * to);
  });
  return y;
}

}  // namespace

Tensor max_pool_halving(const Tensor& x) { return pool<Largest>(x, {.stride = 2, .pad = 0}); }
Tensor max_pool_around(const Tensor& x) { return pool<Largest>(x, {.stride = 1, .pad = 1}); }
Tensor average_pool_around(const Tensor& x) { return pool<Mean>(x, {.stride = 1, .pad = 1}); }

void spatial_mean(const Tensor& x, std::span<float> mean) {
  const Dims& dims = x.dims();
  assert(dims.n == 1 && std::int64_t(mean.size()) == dims.c);
  std::vector<float> row(mean.size());
  std::ranges::fill(mean, 0.0f);
  // Row by row: in one sum of thousands, rounding would gather.
  for (std::int64_t y = 0; y < dims.h; ++y) {
    with_type(x.dtype(), [&]<class T>(T) {
      const T* from = x.as<T>() + y * dims.w * dims.c;
      join_rows<Mean>(from, dims.w, dims.c, dims.c, row.data());
    });
    for (std::size_t c = 0; c < mean.size(); ++c) mean[c] += row[c];
  }
  for (float& value : mean) value /= float(dims.pixels());
}

void copy_channels(const Tensor& from, const Tensor& to, std::int64_t first) {
  const std::size_t each = bytes_per_element(from.dtype());
  const std::size_t bytes = std::size_t(from.dims().c) * each;
  const std::size_t apart = std::size_t(to.dims().c) * each;
  assert(from.dtype() == to.dtype() && from.dims().pixels() == to.dims().pixels());
  const char* source = static_cast<const char*>(from.data());
  char* target = static_cast<char*>(to.data()) + std::size_t(first) * each;
  for (std::int64_t p = 0; p < from.dims().pixels(); ++p, source += bytes, target += apart)
    std::memcpy(target, source, bytes);
}

}  // namespace diffusion::nn
