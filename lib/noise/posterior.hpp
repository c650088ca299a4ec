// The reverse step that the forward process implies.
#pragma once
#include "lib/noise/denoiser.hpp"
#include "lib/schedule/transition.hpp"

namespace diffusion {

/// The mean of q(x_to | x_from, x0) (Ho et al. 2020, Eq. 7); its variance is
/// posterior_step(from, to).variance.
Tensor posterior_mean(const Tensor& x0, const Tensor& x_from, const NoiseLevel& from,
                      const NoiseLevel& to);

}  // namespace diffusion
