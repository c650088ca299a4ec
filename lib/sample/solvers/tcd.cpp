// Trajectory consistency distillation: Zheng et al. 2024, "Trajectory Consistency
// Distillation", Alg. 4: along the trajectory to a level cleaner than the next, at the share
// 1 - gamma of its timestep, and back by the forward process.
#include "lib/noise/combine.hpp"
#include "lib/sample/solvers/step.hpp"
#include "lib/schedule/transition.hpp"

namespace diffusion {

Sampler make_tcd(Params& params) {
  const double gamma = params.number("gamma", 0.3);
  if (!(gamma >= 0 && gamma <= 1)) params.refuse("gamma", "must lie in [0, 1]");
  return [gamma](SampleRun run) {
    return along_grid(
        run, [&](const Tensor& x, const NoiseLevel& from, const NoiseLevel& to, std::uint32_t i) {
          const Denoised denoised = run.denoise(x, from);
          if (to.clean()) return moved(denoised, x, from, to);
          const NoiseLevel beyond = level_at_share(run, to, 1 - gamma);
          const Tensor there = moved(denoised, x, from, beyond);
          const auto [scale, variance] = forward_step(beyond, to);
          return with_noise(combine(scale, there, 0, there), run, std::sqrt(variance), i + 1);
        });
  };
}

}  // namespace diffusion
