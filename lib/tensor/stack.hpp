// Tensors one upon another: images as a batch, and a batch as its images.
#pragma once
#include <span>

#include "lib/tensor/tensor.hpp"

namespace diffusion {

/// `count` of `one`: N x H x W x C of H x W x C.
Shape batch_shape(std::size_t count, const Shape& one);

/// N tensors of one shape, at least one, along a new first axis.
Tensor stacked(std::span<const Tensor> parts);

/// The numbers of row `at` of an N x ... tensor.
std::span<const float> row_of(const Tensor& all, std::size_t at);
/// The same as a tensor without the first axis: one image of a batch.
Tensor unstacked(const Tensor& all, std::size_t at);

/// Rows [first, first + count) of an N x ... tensor, as count x ...
Tensor rows_from(const Tensor& all, std::size_t first, std::size_t count);
/// Lays `part` over the rows of `all` from `first` on.
void put_rows(const Tensor& part, Tensor& all, std::size_t first);

}  // namespace diffusion
