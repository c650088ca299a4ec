#include "lib/noise/forward.hpp"

#include <cmath>

#include "lib/noise/combine.hpp"
#include "lib/schedule/transition.hpp"

namespace diffusion {

Tensor noised(const Tensor& x0, const Tensor& eps, const NoiseLevel& at) {
  return combine(at.alpha, x0, at.sigma, eps);
}

Tensor chain_step(const Tensor& x, const Tensor& eps, const NoiseLevel& before,
                  const NoiseLevel& at) {
  const ForwardStep step = forward_step(before, at);
  return combine(step.scale, x, std::sqrt(step.variance), eps);
}

}  // namespace diffusion
