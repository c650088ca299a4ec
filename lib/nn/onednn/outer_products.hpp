// Sums of outer products, by oneDNN's product of matrices.
#pragma once
#include <cstdint>

namespace diffusion::nn::onednn {

/// Rows of `columns` floats, `stride` apart.
struct RowsOfFloats {
  const float* data;
  std::int64_t columns, stride;
};

/// Adds the sum of a^T b over `rows` rows of both to `to`, a.columns x b.columns, without a gap.
/// Runs on the calling thread alone.
void add_outer_products(std::int64_t rows, const RowsOfFloats& a, const RowsOfFloats& b, float* to);

}  // namespace diffusion::nn::onednn
