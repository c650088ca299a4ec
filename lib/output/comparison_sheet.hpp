// Samplers side by side on one picture.
#pragma once
#include <span>

#include "lib/image/image.hpp"
#include "lib/sample/comparison.hpp"

namespace diffusion {

/// A row a sampler, a column a number of steps, and in the last the first `shown` samples
/// of `solution`, but for samplers that draw noise. `runs`: all numbers of steps of the
/// first sampler, then of the next; all of samples with 1, 3 or 4 channels.
Image comparison_sheet(const ComparedRun& solution, std::span<const ComparedRun> runs,
                       std::size_t shown);

}  // namespace diffusion
