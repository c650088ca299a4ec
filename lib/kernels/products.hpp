// Matrix products too small for a library call: attention's heads and vectors
// per image. Every element is summed in an order that depends on the inner extent
// alone, so that its bits do not depend on what is computed beside it.
#pragma once
#include <cstdint>

namespace diffusion::kernel {

/// A matrix in memory: element (i, j) is data[i * row + j * column].
struct ConstMatrix {
  const float* data = nullptr;
  std::int64_t row = 0, column = 1;
};

struct ProductSize {
  std::int64_t rows = 0, columns = 0, inner = 0;
};

}  // namespace diffusion::kernel
