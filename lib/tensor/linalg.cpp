#include "lib/tensor/linalg.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <xtensor-blas/xblas.hpp>
#include <xtensor-blas/xlapack.hpp>

#include "lib/base/error.hpp"
#include "lib/base/parallel.hpp"

namespace diffusion {
namespace {

/// Edge of the blocks that one thread computes at a time.
constexpr std::size_t block = 128;

std::size_t blocks(std::size_t extent) { return (extent + block - 1) / block; }
int block_extent(std::size_t index, std::size_t extent) {
  return int(std::min(block, extent - index * block));
}
std::size_t height(const Array& matrix) { return matrix.shape()[0]; }
std::size_t width(const Array& matrix) { return matrix.shape()[1]; }

}  // namespace

Array multiply_transposed(const Array& a, const Array& b) {
  const std::size_t m = height(a), n = height(b), k = width(a);
  assert(width(b) == k);
  Array product(Array::shape_type{m, n});
  parallel_for(blocks(m) * blocks(n), [&](std::size_t index) {
    const OneThread guard;  // BLAS splits work by their number, and rounding follows the split
    const std::size_t i = index / blocks(n), j = index % blocks(n);
    cxxblas::gemm(cxxblas::RowMajor, cxxblas::NoTrans, cxxblas::Trans, block_extent(i, m),
                  block_extent(j, n), int(k), 1.0, a.data() + i * block * k, int(k),
                  b.data() + j * block * k, int(k), 0.0, product.data() + i * block * n + j * block,
                  int(n));
  });
  return product;
}

void multiply_transposed(const RowsView& a, const RowsView& b, float* out) {
  assert(a.dims == b.dims);
  const OneThread guard;
  cxxblas::gemm(cxxblas::RowMajor, cxxblas::NoTrans, cxxblas::Trans, int(a.count), int(b.count),
                int(a.dims), 1.0f, a.data, int(a.stride), b.data, int(b.stride), 0.0f, out,
                int(b.count));
}

void add_product(Array& sum, const Array& a, const Array& b) {
  const std::size_t m = height(a), k = width(a), n = width(b);
  assert(height(b) == k && height(sum) == m && width(sum) == n);
  const OneThread guard;
  cxxblas::gemm(cxxblas::RowMajor, cxxblas::NoTrans, cxxblas::NoTrans, int(m), int(n), int(k), 1.0,
                a.data(), int(k), b.data(), int(n), 1.0, sum.data(), int(n));
}

void add_gram(Array& sum, const Array& rows) {
  const std::size_t n = height(rows), d = width(rows);
  assert(height(sum) == d && width(sum) == d);
  parallel_for(blocks(d) * blocks(d), [&](std::size_t index) {
    const std::size_t i = index / blocks(d), j = index % blocks(d);
    if (j > i) return;
    const OneThread guard;
    cxxblas::gemm(cxxblas::RowMajor, cxxblas::Trans, cxxblas::NoTrans, block_extent(i, d),
                  block_extent(j, d), int(n), 1.0, rows.data() + i * block, int(d),
                  rows.data() + j * block, int(d), 1.0, sum.data() + i * block * d + j * block,
                  int(d));
  });
}

void mirror_lower(Array& matrix) {
  const std::size_t d = height(matrix);
  parallel_ranges(d, 64, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      for (std::size_t j = i + 1; j < d; ++j) matrix(i, j) = matrix(j, i);
  });
}

std::optional<Array> cholesky(Array matrix) {
  const std::size_t d = height(matrix);
  if (d == 0) return matrix;
  const OneThread guard;
  // By columns, LAPACK's lower factor is our upper one.
  if (cxxlapack::potrf('L', int(d), matrix.data(), int(d)) != 0) return std::nullopt;
  for (std::size_t i = 1; i < d; ++i) std::fill_n(matrix.data() + i * d, i, 0.0);
  return matrix;
}

Array pivoted_cholesky(const Array& matrix) {
  const std::size_t d = height(matrix);
  Array work = matrix;  // by columns, LAPACK's upper factor U is our lower triangle
  std::vector<int> pivot(d);
  std::vector<double> scratch(2 * d);
  int rank = 0;
  const double default_tolerance = -1;  // d * epsilon * largest diagonal element
  const OneThread guard;
  cxxlapack::pstrf('U', int(d), work.data(), int(d), pivot.data(), rank, default_tolerance,
                   scratch.data());
  // P^T A P = U^T U, U upper: column k of U belongs to variable pivot[k].
  Array factor = xt::zeros<double>({std::size_t(rank), d});
  for (std::size_t k = 0; k < d; ++k)
    for (std::size_t r = 0; r < std::min(std::size_t(rank), k + 1); ++r)
      factor(r, std::size_t(pivot[k] - 1)) = work(k, r);
  return factor;
}

namespace {

/// For each block of rows: the columns before the first in which one of them is not zero.
std::vector<std::size_t> leading_zeros(const Array& matrix) {
  std::vector<std::size_t> zeros(blocks(height(matrix)), width(matrix));
  for (std::size_t i = 0; i < height(matrix); ++i) {
    std::size_t& least = zeros[i / block];
    const double* const row = matrix.data() + i * width(matrix);
    least = std::size_t(std::find_if(row, row + least, [](double v) { return v != 0; }) - row);
  }
  return zeros;
}

}  // namespace

Array congruence(const Array& f, const Array& s) {
  const std::size_t r = height(f), d = width(f);
  assert(height(s) == d && width(s) == d);
  const std::vector<std::size_t> zeros = leading_zeros(f);
  Array half(Array::shape_type{r, d});  // F S
  parallel_for(blocks(r) * blocks(d), [&](std::size_t index) {
    const OneThread guard;
    const std::size_t i = index / blocks(d), j = index % blocks(d), skip = zeros[i];
    cxxblas::gemm(cxxblas::RowMajor, cxxblas::NoTrans, cxxblas::Trans, block_extent(i, r),
                  block_extent(j, d), int(d - skip), 1.0, f.data() + i * block * d + skip, int(d),
                  s.data() + j * block * d + skip, int(d), 0.0,
                  half.data() + i * block * d + j * block, int(d));
  });
  Array product = xt::zeros<double>({r, r});
  parallel_for(blocks(r) * blocks(r), [&](std::size_t index) {
    const std::size_t i = index / blocks(r), j = index % blocks(r), skip = zeros[i];
    if (j > i) return;
    const OneThread guard;
    cxxblas::gemm(cxxblas::RowMajor, cxxblas::NoTrans, cxxblas::Trans, block_extent(i, r),
                  block_extent(j, r), int(d - skip), 1.0, f.data() + i * block * d + skip, int(d),
                  half.data() + j * block * d + skip, int(d), 0.0,
                  product.data() + i * block * r + j * block, int(r));
  });
  return product;
}

std::vector<double> eigenvalues(Array matrix) {
  const int d = int(height(matrix));
  if (d == 0) return {};
  std::vector<double> values(static_cast<std::size_t>(d));
  const OneThread guard;
  double length;
  const auto solve = [&](double* work, int size) {
    // By columns, LAPACK's upper triangle is our lower one.
    return cxxlapack::syev('N', 'U', d, matrix.data(), d, values.data(), work, size);
  };
  solve(&length, -1);  // asks for the size of its work space
  std::vector<double> work(std::size_t(length) + 1);
  if (solve(work.data(), int(length)) != 0)
    throw Error("eigenvalues: the iteration does not converge on this matrix");
  return values;
}

std::vector<double> singular_values(Array matrix) {
  if (matrix.size() == 0) return {};
  const int rows = int(width(matrix)), columns = int(height(matrix));  // as LAPACK sees it
  std::vector<double> values(std::size_t(std::min(rows, columns)));
  std::vector<int> scratch(8 * values.size());
  const OneThread guard;
  double unused, length;
  const auto solve = [&](double* work, int size) {
    return cxxlapack::gesdd('N', rows, columns, matrix.data(), rows, values.data(), &unused, 1,
                            &unused, 1, work, size, scratch.data());
  };
  solve(&length, -1);  // asks for the size of its work space
  std::vector<double> work(std::size_t(length) + 1);
  if (solve(work.data(), int(length)) != 0)
    throw Error("singular values: the iteration does not converge on this matrix");
  return values;
}

}  // namespace diffusion
