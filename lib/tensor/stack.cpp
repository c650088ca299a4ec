#include "lib/tensor/stack.hpp"

#include <algorithm>
#include <cassert>

namespace diffusion {
namespace {

std::size_t row_size(const Tensor& all) { return all.size() / all.shape(0); }

}  // namespace

Shape batch_shape(std::size_t count, const Shape& one) {
  Shape shape{count};
  shape.insert(shape.end(), one.begin(), one.end());
  return shape;
}

Tensor stacked(std::span<const Tensor> parts) {
  assert(!parts.empty());
  Tensor all(batch_shape(parts.size(), parts.front().shape()));
  float* to = all.data();
  for (const Tensor& part : parts) {
    assert(part.shape() == parts.front().shape());
    to = std::copy_n(part.data(), part.size(), to);
  }
  return all;
}

std::span<const float> row_of(const Tensor& all, std::size_t at) {
  assert(at < all.shape(0));
  return {all.data() + at * row_size(all), row_size(all)};
}

Tensor unstacked(const Tensor& all, std::size_t at) {
  const auto& shape = all.shape();
  Tensor one(Shape(shape.begin() + 1, shape.end()));
  std::ranges::copy(row_of(all, at), one.data());
  return one;
}

Tensor rows_from(const Tensor& all, std::size_t first, std::size_t count) {
  assert(first + count <= all.shape(0));
  Shape shape = all.shape();
  shape[0] = count;
  Tensor part(shape);
  std::copy_n(all.data() + first * row_size(all), part.size(), part.data());
  return part;
}

void put_rows(const Tensor& part, Tensor& all, std::size_t first) {
  assert(first + part.shape(0) <= all.shape(0) && row_size(part) == row_size(all));
  std::copy_n(part.data(), part.size(), all.data() + first * row_size(all));
}

}  // namespace diffusion
