// diff-noise of points, rows of numbers, which are not pictures.
#pragma once
#include <optional>
#include <string>

#include "lib/image/points.hpp"
#include "lib/noise/noising.hpp"
#include "tools/noise/request.hpp"

namespace diffusion {

/// One of both.
struct PointsOrImages {
  std::optional<Points> points = {};
  ImageSet images = {};
};

/// What the DATA of a request names: points, where it is one file or pipe of them, else images.
/// Throws Error.
PointsOrImages open_data(const NoiseRequest& request);

/// The same request, its outputs arrays where nothing else is said of them. Throws Error, opened
/// by `culprit`, for what is asked of pictures alone.
NoiseRequest request_for_points(NoiseRequest request, const std::string& culprit);

/// The same, where no number is opacity.
Noising noising_of_points(Noising noising);

}  // namespace diffusion
