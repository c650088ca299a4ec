// DPM-Solver++(2S): Lu et al. 2025, "DPM-Solver++: Fast Solver for Guided Sampling of
// Diffusion Probabilistic Models", Alg. 1 with r = 1/2; eta > 0 is k-diffusion's
// dpmpp_2s_ancestral.
#include "lib/sample/solvers/step.hpp"

namespace diffusion {
namespace {

Tensor dpmpp_2s_step(const SampleRun& run, const Tensor& x, const NoiseLevel& from,
                     const NoiseLevel& to) {
  const Denoised first = run.denoise(x, from);
  if (to.clean() || from.pure_noise()) return moved(first, x, from, to);
  const NoiseLevel middle = level_of(run, (from.lambda + to.lambda) / 2);
  const Denoised second = run.denoise(towards(first.x0, x, from, middle), middle);
  return towards(second.x0, x, from, to);
}

}  // namespace

Sampler make_dpmpp_2s(Params& params) {
  return [settings = ancestral_from(params, 0)](SampleRun run) {
    return along_grid(
        run, [&](const Tensor& x, const NoiseLevel& from, const NoiseLevel& to, std::uint32_t i) {
          const AncestralStep step = ancestral_step(from, to, settings.eta);
          return with_noise(dpmpp_2s_step(run, x, from, step.down), run,
                            step.fresh * settings.s_noise, i + 1);
        });
  };
}

}  // namespace diffusion
