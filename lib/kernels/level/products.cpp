#include "lib/kernels/level/level.hpp"
#include "lib/kernels/level/vec.hpp"

namespace diffusion::kernel::DIFFUSION_LEVEL {
namespace {

// So many rows by so many vectors of sums stay in registers.
constexpr std::int64_t tile = 4, wide = registers == 32 ? 4 : 2;

struct Set {
  [[gnu::always_inline]] static Vec from(Vec sum, Vec) { return sum; }
};
struct Add {
  [[gnu::always_inline]] static Vec from(Vec sum, Vec old) { return old + sum; }
};

/// `tile` rows by `Width` vectors of c. Rows past the end repeat the last one.
template <std::int64_t Width, class Store, class Lanes>
[[gnu::always_inline]] inline void multiply_tile(ProductSize size, ConstMatrix a, ConstMatrix b,
                                                 float* c, std::int64_t row, Lanes last) {
  Vec sums[tile][Width] = {};
  const float* a_row[tile];
  for (std::int64_t i = 0; i < tile; ++i) a_row[i] = a.data + smaller(i, size.rows - 1) * a.row;
  for (std::int64_t k = 0; k < size.inner; ++k) {
    Vec in[Width];
    for (std::int64_t j = 0; j + 1 < Width; ++j)
      in[j] = Whole::load(b.data + k * b.row + j * lanes);
    in[Width - 1] = last.load(b.data + k * b.row + (Width - 1) * lanes);
    for (std::int64_t i = 0; i < tile; ++i) {
      const float factor = a_row[i][k * a.column];
      for (std::int64_t j = 0; j < Width; ++j) sums[i][j] += factor * in[j];
    }
  }
  for (std::int64_t i = 0; i < smaller(tile, size.rows); ++i) {
    float* const to = c + i * row;
    for (std::int64_t j = 0; j + 1 < Width; ++j)
      Whole::store(to + j * lanes, Store::from(sums[i][j], Whole::load(to + j * lanes)));
    float* const end = to + (Width - 1) * lanes;
    last.store(end, Store::from(sums[i][Width - 1], last.load(end)));
  }
}

template <class Store>
void multiply_tiles(ProductSize size, ConstMatrix a, ConstMatrix b, float* c, std::int64_t row) {
  for (std::int64_t j = 0; j < size.columns;) {
    const std::int64_t left = size.columns - j;
    const std::int64_t width = left >= wide * lanes ? wide * lanes : smaller(left, lanes);
    const ConstMatrix b_part{b.data + j, b.row};
    for (std::int64_t i = 0; i < size.rows; i += tile) {
      const ProductSize part{size.rows - i, width, size.inner};
      const ConstMatrix a_part{a.data + i * a.row, a.row, a.column};
      float* const to = c + i * row + j;
      if (width == wide * lanes) {
        multiply_tile<wide, Store>(part, a_part, b_part, to, row, Whole{});
      } else if (width == lanes) {
        multiply_tile<1, Store>(part, a_part, b_part, to, row, Whole{});
      } else {
        multiply_tile<1, Store>(part, a_part, b_part, to, row, Part{width});
      }
    }
    j += width;
  }
}

/// `tile` rows of a with `wide` rows of b.
[[gnu::always_inline]] inline void rows_tile(ProductSize size, ConstMatrix a, ConstMatrix b,
                                             float* c, std::int64_t row) {
  Vec sums[tile][wide] = {};
  const float *a_row[tile], *b_row[wide];
  for (std::int64_t i = 0; i < tile; ++i) a_row[i] = a.data + smaller(i, size.rows - 1) * a.row;
  for (std::int64_t j = 0; j < wide; ++j) b_row[j] = b.data + smaller(j, size.columns - 1) * b.row;
  for_each_block(
      size.inner, [&](std::int64_t k, auto part) __attribute__((always_inline)) {
        Vec left[tile];
        for (std::int64_t i = 0; i < tile; ++i) left[i] = part.load(a_row[i] + k);
        for (std::int64_t j = 0; j < wide; ++j) {
          const Vec right = part.load(b_row[j] + k);
          for (std::int64_t i = 0; i < tile; ++i) sums[i][j] += left[i] * right;
        }
      });
  for (std::int64_t i = 0; i < smaller(tile, size.rows); ++i)
    for (std::int64_t j = 0; j < smaller(wide, size.columns); ++j) c[i * row + j] = sum(sums[i][j]);
}

}  // namespace

void multiply(ProductSize size, ConstMatrix a, ConstMatrix b, float* c, std::int64_t row) {
  multiply_tiles<Set>(size, a, b, c, row);
}

void multiply_add(ProductSize size, ConstMatrix a, ConstMatrix b, float* c, std::int64_t row) {
  multiply_tiles<Add>(size, a, b, c, row);
}

void multiply_rows(ProductSize size, ConstMatrix a, ConstMatrix b, float* c, std::int64_t row) {
  for (std::int64_t i = 0; i < size.rows; i += tile)
    for (std::int64_t j = 0; j < size.columns; j += wide)
      rows_tile({size.rows - i, size.columns - j, size.inner}, {a.data + i * a.row, a.row},
                {b.data + j * b.row, b.row}, c + i * row + j, row);
}

}  // namespace diffusion::kernel::DIFFUSION_LEVEL
