// Euler steps that go too far, and noise that leads back (k-diffusion's
// euler_ancestral); with eta = 1 and s_noise = 1 the steps of DDIM with eta = 1, on
// every path (Song et al. 2020, Eq. 12).
#include "lib/sample/solvers/step.hpp"

namespace diffusion {

Sampler make_euler_ancestral(Params& params) {
  return [settings = ancestral_from(params, 1)](SampleRun run) {
    return along_grid(
        run, [&](const Tensor& x, const NoiseLevel& from, const NoiseLevel& to, std::uint32_t i) {
          const AncestralStep step = ancestral_step(from, to, settings.eta);
          return with_noise(moved(run.denoise(x, from), x, from, step.down), run,
                            step.fresh * settings.s_noise, i + 1);
        });
  };
}

}  // namespace diffusion
