// Points of the plane as a picture: the script that gnuplot draws it from.
#pragma once
#include <span>
#include <string>

#include "lib/base/gnuplot.hpp"
#include "lib/tensor/tensor.hpp"

namespace diffusion {

/// Points that are drawn alike.
struct PointCloud {
  std::string name;      // in the legend, where there are several
  const Tensor& points;  // N x 1 x 1 x 2, finite
};

/// Throws Error, opened by `path`, unless samples of this shape are points of the plane, 1 x 1 x 2.
void need_plane(const Shape& sample, const std::string& path);

/// The clouds, each over those before it: the last in colour, those beneath it grey. The axes are
/// of one scale, unless one would be too short to read.
std::string scatter_script(std::span<const PointCloud> clouds, PictureType type);

}  // namespace diffusion
