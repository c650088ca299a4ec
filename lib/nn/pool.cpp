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

constexpr Windows halving{.stride = 2, .pad = 0}, around{.stride = 1, .pad = 1};

/// First down, then across: six operations for a window of nine. down(top, rows) joins rows of
/// the image into one; across(window, left, columns, count) joins pixels of that one into what
/// the window, of `count` pixels, gives.
template <class Down, class Across>
void for_each_window(const Dims& in, const Windows& windows, Down&& down, Across&& across) {
  std::int64_t window = 0;
  for (std::int64_t y = 0; y < windows.count(in.h); ++y) {
    const std::int64_t top = windows.begin(y), rows = windows.end(y, in.h) - top;
    down(top, rows);
    for (std::int64_t x = 0; x < windows.count(in.w); ++x, ++window) {
      const std::int64_t left = windows.begin(x), columns = windows.end(x, in.w) - left;
      across(window, left, columns, rows * columns);
    }
  }
}

/// The largest of `rows` values, `apart` from each other, for each of `count`. Plain loops,
/// which vectorise; three is the rule, and a constant then.
template <class T>
void largest_of(const T* row, std::int64_t rows, std::int64_t apart, std::int64_t count, T* out) {
  const auto larger = [](T a, T b) { return a > b ? a : b; };
  const T *second = row + apart, *third = second + apart;
  if (rows == Windows::size)
    for (std::int64_t i = 0; i < count; ++i) out[i] = larger(larger(row[i], second[i]), third[i]);
  else
    for (std::int64_t i = 0; i < count; ++i) {
      out[i] = row[i];
      for (std::int64_t r = 1; r < rows; ++r) out[i] = larger(out[i], row[i + r * apart]);
    }
}

template <class T>
void pool_largest(const T* x, const Dims& in, const Windows& windows, T* y, std::int64_t apart) {
  const std::int64_t row = in.w * in.c;
  std::vector<T> joined(static_cast<std::size_t>(row));
  for_each_window(
      in, windows,
      [&](std::int64_t top, std::int64_t rows) {
        largest_of(x + top * row, rows, row, row, joined.data());
      },
      [&](std::int64_t window, std::int64_t left, std::int64_t columns, std::int64_t) {
        largest_of(joined.data() + left * in.c, columns, in.c, in.c, y + window * apart);
      });
}

/// As integers, the bits of numbers that are not negative have the order of the numbers.
void pool_largest(const Tensor& x, const Windows& windows, const Slot& slot) {
  const std::int64_t apart = slot.to.dims().c;
  if (x.dtype() == DType::float32)
    return pool_largest(x.as<float>(), x.dims(), windows, slot.to.as<float>() + slot.first, apart);
  pool_largest(static_cast<const std::int16_t*>(x.data()), x.dims(), windows,
               static_cast<std::int16_t*>(slot.to.data()) + slot.first, apart);
}

Tensor largest(const Tensor& x, const Windows& windows) {
  const Dims& in = x.dims();
  const Tensor y({1, windows.count(in.h), windows.count(in.w), in.c}, x.dtype());
  pool_largest(x, windows, {y, 0});
  return y;
}

/// The sum of `rows` values, `apart` from each other, for each of a block.
template <class T, class Part>
[[gnu::always_inline]] inline Vec sum_of(const T* row, std::int64_t rows, std::int64_t apart,
                                         Part part) {
  Vec sum = part.load(row);
  if (rows == Windows::size) return sum + part.load(row + apart) + part.load(row + 2 * apart);
  for (std::int64_t r = 1; r < rows; ++r) sum += part.load(row + r * apart);
  return sum;
}

template <class T>
void add_rows(const T* row, std::int64_t rows, std::int64_t apart, std::int64_t count, float* out) {
  for_each_block(count, [&](std::int64_t i, auto part) {
    part.store(out + i, sum_of(row + i, rows, apart, part));
  });
}

template <class T>
void pool_means(const float* x, const Dims& in, const float* bias, T* y, std::int64_t apart) {
  const std::int64_t row = in.w * in.c;
  std::vector<float> sums(static_cast<std::size_t>(row));
  for_each_window(
      in, around,
      [&](std::int64_t top, std::int64_t rows) {
        add_rows(x + top * row, rows, row, row, sums.data());
      },
      [&](std::int64_t window, std::int64_t left, std::int64_t columns, std::int64_t count) {
        const float share = 1.0f / float(count);
        for_each_block(in.c, [&](std::int64_t c, auto part) {
          const Vec sum = sum_of(sums.data() + left * in.c + c, columns, in.c, part);
          part.store(y + window * apart + c, at_least(0.0f, sum * share + part.load(bias + c)));
        });
      });
}

}  // namespace

Tensor max_pool_halving(const Tensor& x) { return largest(x, halving); }
Tensor max_pool_around(const Tensor& x) { return largest(x, around); }
void max_pool_halving(const Tensor& x, const Slot& slot) { pool_largest(x, halving, slot); }

void average_pool_around(const Tensor& x, std::span<const float> bias, const Slot& slot) {
  assert(std::int64_t(bias.size()) == x.dims().c);
  with_type(slot.to.dtype(), [&]<class T>(T) {
    pool_means(x.as<float>(), x.dims(), bias.data(), slot.to.as<T>() + slot.first,
               slot.to.dims().c);
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
      add_rows(from, dims.w, dims.c, dims.c, row.data());
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
