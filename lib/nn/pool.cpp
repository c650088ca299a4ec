#include "lib/nn/pool.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <limits>
#include <vector>

#include "lib/base/parallel.hpp"
#include "lib/kernels/kernels.hpp"
#include "lib/nn/elementwise.hpp"

namespace diffusion::nn {
namespace {

using kernel::PoolShape, kernel::Windows;

constexpr Windows halving{.stride = 2, .pad = 0}, around{.stride = 1, .pad = 1};

PoolShape shape_of(const Dims& x, const Windows& windows, std::int64_t apart) {
  return {x.h, x.w, x.c, windows, apart};
}

void pool_largest(const Tensor& x, const Windows& windows, const Slot& slot) {
  const Dims& in = x.dims();
  with_type(x.dtype(), [&]<class T>(T) {
    std::vector<T> row(std::size_t(in.w * in.c));
    kernels().of<T>().pool_largest(shape_of(in, windows, slot.to.dims().c), x.as<T>(), row.data(),
                                   slot.to.as<T>() + slot.first);
  });
}

Tensor largest(const Tensor& x, const Windows& windows) {
  const Dims& in = x.dims();
  const Tensor y({1, windows.count(in.h), windows.count(in.w), in.c}, x.dtype());
  pool_largest(x, windows, {y, 0});
  return y;
}

}  // namespace

Tensor max_pool_halving(const Tensor& x) { return largest(x, halving); }
Tensor max_pool_around(const Tensor& x) { return largest(x, around); }
void max_pool_halving(const Tensor& x, const Slot& slot) { pool_largest(x, halving, slot); }

void average_pool_around(const Tensor& x, std::span<const float> bias, const Slot& slot) {
  const Dims& in = x.dims();
  assert(std::int64_t(bias.size()) == in.c);
  std::vector<float> row(std::size_t(in.w * in.c));
  with_type(slot.to.dtype(), [&]<class T>(T) {
    kernels().of<T>().pool_means(shape_of(in, around, slot.to.dims().c), x.as<float>(), bias.data(),
                                 row.data(), slot.to.as<T>() + slot.first);
  });
}

namespace {

void mean_of_image(const Tensor& x, std::size_t image, std::span<float> mean) {
  const Dims& dims = x.dims();
  std::vector<float> row(mean.size());
  std::ranges::fill(mean, 0.0f);
  // Row by row: in one sum of thousands, rounding would gather.
  for (std::int64_t y = 0; y < dims.h; ++y) {
    with_type(x.dtype(), [&]<class T>(T) {
      const T* from = x.as<T>() + (std::int64_t(image) * dims.h + y) * dims.w * dims.c;
      kernels().of<T>().add_rows(dims.w, dims.c, from, row.data());
    });
    for (std::size_t c = 0; c < mean.size(); ++c) mean[c] += row[c];
  }
  for (float& value : mean) value /= float(dims.h * dims.w);
}

/// The part of a window that is inside.
struct Interval {
  std::int64_t begin, end;
};

Interval inside(std::int64_t place, std::int64_t extent, const layers::Pooling& how) {
  const std::int64_t begin = place * how.stride - how.pad;
  return {std::max<std::int64_t>(0, begin), std::min(extent, begin + how.window)};
}

/// y: a number of each channel.
template <class T>
void pool_window(const Tensor& x, std::int64_t image, Interval rows, Interval columns,
                 layers::Pooling::To to, std::span<float> y) {
  const Dims& d = x.dims();
  const bool largest = to == layers::Pooling::To::largest;
  std::ranges::fill(y, largest ? -std::numeric_limits<float>::infinity() : 0.0f);
  for (std::int64_t i = rows.begin; i < rows.end; ++i)
    for (std::int64_t j = columns.begin; j < columns.end; ++j) {
      const T* const pixel = x.as<T>() + ((image * d.h + i) * d.w + j) * d.c;
      for (std::size_t c = 0; c < y.size(); ++c)
        y[c] = largest ? std::max(y[c], widened(pixel[c])) : y[c] + widened(pixel[c]);
    }
  const auto count = float((rows.end - rows.begin) * (columns.end - columns.begin));
  if (!largest)
    for (float& value : y) value /= count;
}

}  // namespace

void spatial_mean(const Tensor& x, std::span<float> mean) {
  assert(x.dims().n == 1 && std::int64_t(mean.size()) == x.dims().c);
  mean_of_image(x, 0, mean);
}

Tensor spatial_means(const Tensor& x) {
  const Tensor y({x.dims().n, 1, 1, x.dims().c});
  const auto channels = std::size_t(x.dims().c);
  parallel_for(std::size_t(x.dims().n), [&](std::size_t i) {
    mean_of_image(x, i, y.floats().subspan(i * channels, channels));
  });
  return y;
}

Tensor pooled(const Tensor& x, const layers::Pooling& how) {
  const Dims d = x.dims(), out = output_of(how, {&d, 1});
  const Tensor y(out);
  const auto channels = std::size_t(d.c);
  with_type(x.dtype(), [&]<class T>(T) {
    parallel_for(std::size_t(out.n * out.h), [&](std::size_t row) {
      const std::int64_t image = std::int64_t(row) / out.h;
      const Interval rows = inside(std::int64_t(row) % out.h, d.h, how);
      for (std::int64_t j = 0; j < out.w; ++j)
        pool_window<T>(
            x, image, rows, inside(j, d.w, how), how.to,
            y.floats().subspan((row * std::size_t(out.w) + std::size_t(j)) * channels, channels));
    });
  });
  return converted(y, x.dtype());
}

void copy_channels(const Tensor& from, const Slot& slot) {
  const std::size_t each = bytes_per_element(from.dtype());
  const std::size_t bytes = std::size_t(from.dims().c) * each;
  const std::size_t apart = std::size_t(slot.to.dims().c) * each;
  assert(from.dtype() == slot.to.dtype() && from.dims().pixels() == slot.to.dims().pixels());
  const char* source = static_cast<const char*>(from.data());
  char* target = static_cast<char*>(slot.to.data()) + std::size_t(slot.first) * each;
  for (std::int64_t p = 0; p < from.dims().pixels(); ++p, source += bytes, target += apart)
    std::memcpy(target, source, bytes);
}

}  // namespace diffusion::nn
