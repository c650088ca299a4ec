#include "lib/nn/onednn/outer_products.hpp"

#include <algorithm>

#include "lib/base/parallel.hpp"
#include "lib/nn/onednn/engine.hpp"

namespace diffusion::nn::onednn {

void add_outer_products(std::int64_t rows, const RowsOfFloats& a, const RowsOfFloats& b,
                        float* to) {
  // As many rows of both as caches hold while they are laid out.
  constexpr std::int64_t rows_at_once = 512;
  engine();               // has the instruction set settled
  const OneThread alone;  // several would divide the sum
  for (std::int64_t row = 0; row < rows; row += rows_at_once)
    dnnl::sgemm('T', 'N', a.columns, b.columns, std::min(rows_at_once, rows - row), 1,
                a.data + row * a.stride, a.stride, b.data + row * b.stride, b.stride, 1, to,
                b.columns);
}

}  // namespace diffusion::nn::onednn
