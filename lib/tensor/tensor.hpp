// The door of xtensor, and the one dense array type of images and states.
#pragma once
#include <xtensor/xarray.hpp>

namespace diffusion {

/// float32, row-major. Images are N x H x W x C in [-1, 1]; one image is
/// H x W x C. Write the shape type out (`Tensor x(Shape{n, c})`): braces alone
/// would hold values.
using Tensor = xt::xarray<float, xt::layout_type::row_major>;
using Shape = Tensor::shape_type;

/// Double precision, for statistics: vectors (d) and matrices (rows x columns).
using Array = xt::xarray<double, xt::layout_type::row_major>;

inline std::size_t count(const Shape& shape) {
  std::size_t product = 1;
  for (const std::size_t extent : shape) product *= extent;
  return product;
}

/// "28 x 28 x 1": for messages.
std::string describe(const Shape& shape);

}  // namespace diffusion
