// The forward process: data to noise.
#pragma once
#include "lib/schedule/noise_level.hpp"
#include "lib/tensor/tensor.hpp"

namespace diffusion {

/// x_t = alpha x0 + sigma eps: the closed form (Ho et al. 2020, Eq. 4).
Tensor noised(const Tensor& x0, const Tensor& eps, const NoiseLevel& at);

/// One step of the chain from the level before: on the variance-preserving path
/// x_t = sqrt(1 - beta) x_{t-1} + sqrt(beta) eps (Ho et al. 2020, Eq. 2).
Tensor chain_step(const Tensor& x, const Tensor& eps, const NoiseLevel& before,
                  const NoiseLevel& at);

}  // namespace diffusion
