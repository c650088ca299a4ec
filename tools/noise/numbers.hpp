// diff-noise of numbers that are not pictures: points, and arrays of any channels.
#pragma once
#include "lib/image/data_set.hpp"
#include "lib/noise/noising.hpp"
#include "tools/noise/request.hpp"

namespace diffusion {

/// The same request, its outputs arrays where nothing else is said of them. Throws Error, opened
/// by what messages call `data`, for what is asked of pictures alone.
NoiseRequest request_for_numbers(NoiseRequest request, const DataSet& data);

/// The same, where no number is opacity.
Noising noising_of_numbers(Noising noising);

}  // namespace diffusion
