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
std::size_t rows_of(const Array& matrix) { return matrix.shape()[0]; }
std::size_t columns_of(const Array& matrix) { return matrix.shape()[1]; }

}  // namespace

Array multiply_transposed(const Array& a, const Array& b) {
  const std::size_t m = rows_of(a), n = rows_of(b), k = columns_of(a);
  assert(columns_of(b) == k);
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

void add_gram(Array& sum, const Array& rows) {
  const std::size_t n = rows_of(rows), d = columns_of(rows);
  assert(rows_of(sum) == d && columns_of(sum) == d);
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
  const std::size_t d = rows_of(matrix);
  parallel_ranges(d, 64, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      for (std::size_t j = i + 1; j < d; ++j) matrix(i, j) = matrix(j, i);
  });
}

Array pivoted_cholesky(const Array& matrix) {
  const std::size_t d = rows_of(matrix);
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

std::vector<double> singular_values(Array matrix) {
  if (matrix.size() == 0) return {};
  const int rows = int(columns_of(matrix)), columns = int(rows_of(matrix));  // as LAPACK sees it
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
