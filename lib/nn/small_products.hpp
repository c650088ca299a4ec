// Matrix products too small for a library call: attention's heads and vectors
// per image. Every element is summed in an order that depends on the inner extent
// alone, so that its bits do not depend on what is computed beside it.
#pragma once
#include <cstdint>

namespace diffusion::nn {

/// A matrix in memory: element (i, j) is data[i * row + j * column].
struct ConstMatrix {
  const float* data = nullptr;
  std::int64_t row = 0, column = 1;
};

struct ProductSize {
  std::int64_t rows = 0, columns = 0, inner = 0;
};

/// c (rows x columns, `row` floats apart) = a b, where a is rows x inner with any
/// strides and b inner x columns with contiguous rows.
void multiply(ProductSize size, ConstMatrix a, ConstMatrix b, float* c, std::int64_t row);
/// c += a b
void multiply_add(ProductSize size, ConstMatrix a, ConstMatrix b, float* c, std::int64_t row);

/// c = a b^T, where a is rows x inner and b columns x inner, both with contiguous
/// rows: products of rows with rows.
void multiply_rows(ProductSize size, ConstMatrix a, ConstMatrix b, float* c, std::int64_t row);

}  // namespace diffusion::nn
