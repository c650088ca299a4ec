// diff-noise of points, rows of numbers, which are not pictures.
#pragma once
#include <string>

#include "lib/noise/noising.hpp"
#include "tools/noise/request.hpp"

namespace diffusion {

/// The same request, its outputs arrays where nothing else is said of them. Throws Error, opened
/// by `culprit`, for what is asked of pictures alone.
NoiseRequest request_for_points(NoiseRequest request, const std::string& culprit);

/// The same, where no number is opacity.
Noising noising_of_points(Noising noising);

}  // namespace diffusion
