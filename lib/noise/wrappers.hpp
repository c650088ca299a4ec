// Denoisers made from denoisers.
#pragma once
#include <functional>

#include "lib/noise/denoiser.hpp"

namespace diffusion {

/// x0 limited to [low, high], with eps derived from the limited x0 again, so that
/// both describe the same state (Ho et al. 2020, code).
Denoiser clipped(Denoiser inner, float low = -1, float high = 1);

/// Calls `seen` after each evaluation.
using Evaluation = std::function<void(const Tensor& x_t, const NoiseLevel& at, const Denoised&)>;
Denoiser watched(Denoiser inner, Evaluation seen);

}  // namespace diffusion
