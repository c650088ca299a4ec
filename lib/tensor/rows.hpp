// A view of rows of numbers that another object owns.
#pragma once
#include <cstddef>

#include "lib/tensor/tensor.hpp"

namespace diffusion {

/// `count` rows of `dims` float32 each, one beginning `stride` after the other.
struct RowsView {
  const float* data = nullptr;
  std::size_t count = 0, dims = 0, stride = 0;

  const float* row(std::size_t index) const { return data + index * stride; }
  /// Rows [first, first + most), or as many of them as there are.
  RowsView part(std::size_t first, std::size_t most) const {
    return {row(first), most < count - first ? most : count - first, dims, stride};
  }
};

/// All rows of an n x d tensor, which must outlive the view.
inline RowsView rows_of(const Tensor& tensor) {
  return {tensor.data(), tensor.shape()[0], tensor.shape()[1], tensor.shape()[1]};
}

}  // namespace diffusion
