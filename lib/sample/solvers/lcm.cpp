// Latent consistency models: Luo et al. 2023, "Latent Consistency Models: Synthesizing
// High-Resolution Images with Few-Step Inference", Alg. 3: the model's estimate, and fresh
// noise of the next level on it. The boundary condition (their App. C) mixes in the state
// itself at the first timesteps, as diffusers has it.
#include <cmath>

#include "lib/noise/combine.hpp"
#include "lib/noise/prediction.hpp"
#include "lib/sample/solvers/step.hpp"

namespace diffusion {
namespace {

/// c_skip x + c_out x0; a level without a timestep has no boundary.
Tensor consistent(const Tensor& x0, const Tensor& x, const NoiseLevel& at, double scaling) {
  const double time = scaling * at.timestep;
  if (std::isnan(time)) return x0;
  const double spread = std::hypot(time, sigma_data);
  return combine(std::pow(sigma_data / spread, 2), x, time / spread, x0);
}

}  // namespace

Sampler make_lcm(Params& params) {
  const double scaling = params.number("scaling", 10);
  if (!(scaling > 0)) params.refuse("scaling", "must be positive (inf: no boundary condition)");
  return [scaling](SampleRun run) {
    return along_grid(
        run, [&](const Tensor& x, const NoiseLevel& from, const NoiseLevel& to, std::uint32_t i) {
          const Tensor x0 = consistent(run.denoise(x, from).x0, x, from, scaling);
          return with_noise(combine(to.alpha, x0, 0, x0), run, to.sigma, i + 1);
        });
  };
}

}  // namespace diffusion
