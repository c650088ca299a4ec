// Windows of 3 x 3 pixels: first down, then across, which is six operations for nine pixels.
#include <type_traits>

#include "lib/kernels/level/level.hpp"
#include "lib/kernels/level/vec.hpp"

namespace diffusion::kernel::DIFFUSION_LEVEL {
namespace {

/// Where window i of a row or column of `extent` pixels lies inside the image.
struct Span {
  std::int64_t begin, count;

  Span(const Windows& windows, std::int64_t i, std::int64_t extent) {
    const std::int64_t first = i * windows.stride - windows.pad;
    begin = first > 0 ? first : 0;
    count = smaller(extent, first + Windows::size) - begin;
  }
};

/// down(span) joins rows of the image into one; across(window, span, count) joins pixels of
/// that one into what the window, of `count` pixels, gives.
template <class Down, class Across>
[[gnu::always_inline]] inline void for_each_window(const PoolShape& s, Down&& down,
                                                   Across&& across) {
  std::int64_t window = 0;
  for (std::int64_t y = 0; y < s.windows.count(s.height); ++y) {
    const Span rows(s.windows, y, s.height);
    down(rows);
    for (std::int64_t x = 0; x < s.windows.count(s.width); ++x, ++window) {
      const Span columns(s.windows, x, s.width);
      across(window, columns, rows.count * columns.count);
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
void largest(const PoolShape& s, const T* x, T* joined, T* y) {
  const std::int64_t row = s.width * s.channels;
  for_each_window(
      s, [&](const Span& rows) { largest_of(x + rows.begin * row, rows.count, row, row, joined); },
      [&](std::int64_t window, const Span& columns, std::int64_t) {
        largest_of(joined + columns.begin * s.channels, columns.count, s.channels, s.channels,
                   y + window * s.apart);
      });
}

}  // namespace

template <class T>
void pool_largest(const PoolShape& shape, const T* x, T* scratch, T* y) {
  // As integers, the bits of numbers that are not negative have the order of the numbers.
  using Ordered = std::conditional_t<std::is_same_v<T, BFloat16>, std::int16_t, T>;
  largest(shape, reinterpret_cast<const Ordered*>(x), reinterpret_cast<Ordered*>(scratch),
          reinterpret_cast<Ordered*>(y));
}

template <class T>
void add_rows(std::int64_t rows, std::int64_t count, const T* from, float* to) {
  for_each_block(count, [&](std::int64_t i, auto part) {
    part.store(to + i, sum_of(from + i, rows, count, part));
  });
}

template <class T>
void pool_means(const PoolShape& s, const float* x, const float* bias, float* sums, T* y) {
  const std::int64_t row = s.width * s.channels;
  for_each_window(
      s, [&](const Span& rows) { add_rows(rows.count, row, x + rows.begin * row, sums); },
      [&](std::int64_t window, const Span& columns, std::int64_t count) {
        const float share = 1.0f / float(count);
        for_each_block(s.channels, [&](std::int64_t c, auto part) {
          const float* const from = sums + columns.begin * s.channels + c;
          const Vec sum = sum_of(from, columns.count, s.channels, part);
          part.store(y + window * s.apart + c, at_least(0.0f, sum * share + part.load(bias + c)));
        });
      });
}

template void pool_largest(const PoolShape&, const float*, float*, float*);
template void pool_largest(const PoolShape&, const BFloat16*, BFloat16*, BFloat16*);
template void add_rows(std::int64_t, std::int64_t, const float*, float*);
template void add_rows(std::int64_t, std::int64_t, const BFloat16*, float*);
template void pool_means(const PoolShape&, const float*, const float*, float*, float*);
template void pool_means(const PoolShape&, const float*, const float*, float*, BFloat16*);

}  // namespace diffusion::kernel::DIFFUSION_LEVEL
