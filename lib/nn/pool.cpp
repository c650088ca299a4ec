#include "lib/nn/pool.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <vector>

#include "lib/kernels/kernels.hpp"

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

void spatial_mean(const Tensor& x, std::span<float> mean) {
  const Dims& dims = x.dims();
  assert(dims.n == 1 && std::int64_t(mean.size()) == dims.c);
  std::vector<float> row(mean.size());
  std::ranges::fill(mean, 0.0f);
  // Row by row: in one sum of thousands, rounding would gather.
  for (std::int64_t y = 0; y < dims.h; ++y) {
    with_type(x.dtype(), [&]<class T>(T) {
      const T* from = x.as<T>() + y * dims.w * dims.c;
      kernels().of<T>().add_rows(dims.w, dims.c, from, row.data());
    });
    for (std::size_t c = 0; c < mean.size(); ++c) mean[c] += row[c];
  }
  for (float& value : mean) value /= float(dims.pixels());
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
