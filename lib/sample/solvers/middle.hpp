// A step by the slope half-way.
#pragma once
#include "lib/sample/solvers/frame.hpp"
#include "lib/sample/solvers/step.hpp"

namespace diffusion {

/// Euler's step to the level of half log-SNR `middle`, and from the start again by the
/// slope found there. `middle` lies strictly between the levels.
Tensor by_middle(const SampleRun& run, const Placed& start, double middle, const NoiseLevel& to,
                 Frame frame);

}  // namespace diffusion
