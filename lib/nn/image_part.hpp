// Arrays that have a part for each image.
#pragma once
#include "lib/nn/tensor.hpp"

namespace diffusion::nn {

/// Where part n begins; null where the tensor is empty.
template <class T>
T* part_of(const Tensor& tensor, std::int64_t n) {
  return tensor.empty() ? nullptr
                        : tensor.as<T>() + n * std::int64_t(tensor.count()) / tensor.dims().n;
}

}  // namespace diffusion::nn
