// The plane that points of two numbers lie in: ways through it and arrows on it, as scripts for
// gnuplot.
#pragma once
#include <span>
#include <string>

#include "lib/base/gnuplot.hpp"
#include "lib/output/scatter.hpp"
#include "lib/tensor/tensor.hpp"

namespace diffusion {

/// Where points are one after the other: `states` of N x 1 x 1 x 2 each, finite, the first ones
/// being the starts and the last the ends. A line a point.
std::string paths_script(std::span<const Tensor> states, PictureType type);

/// Arrows of one length and direction each: M x 1 x 1 x 2.
struct Arrows {
  const Tensor &from, &along;
};

/// `cloud` lies beneath them.
std::string field_script(const PointCloud& cloud, const Arrows& arrows, PictureType type);

}  // namespace diffusion
