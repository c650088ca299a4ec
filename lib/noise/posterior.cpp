#include "lib/noise/posterior.hpp"

#include "lib/noise/combine.hpp"

namespace diffusion {

Tensor posterior_mean(const Tensor& x0, const Tensor& x_from, const NoiseLevel& from,
                      const NoiseLevel& to) {
  const PosteriorStep step = posterior_step(from, to);
  return combine(step.coef_x0, x0, step.coef_xt, x_from);
}

}  // namespace diffusion
