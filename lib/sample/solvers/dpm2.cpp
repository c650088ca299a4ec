// The slope half-way in log sigma, as in DPM-Solver-2 but in the frame of Karras et al.
// 2022: k-diffusion's dpm_2 and dpm_2_ancestral.
#include "lib/sample/solvers/middle.hpp"

namespace diffusion {
namespace {

Tensor dpm2_step(const SampleRun& run, const Placed& start, const NoiseLevel& to) {
  const auto& [x, from] = start;
  if (too_long(from, to)) return moved(run.denoise(x, from), x, from, to);
  return by_middle(run, start, (from.lambda + to.lambda) / 2, to, Frame::ve);
}

}  // namespace

Sampler make_dpm2(Params& params) {
  return [churn = churn_from(params)](SampleRun run) {
    return along_grid(
        run, [&](const Tensor& x, const NoiseLevel& from, const NoiseLevel& to, std::uint32_t i) {
          return dpm2_step(run, churned(churn, run, x, from, i + 1), to);
        });
  };
}

Sampler make_dpm2_ancestral(Params& params) {
  return [settings = ancestral_from(params, 1)](SampleRun run) {
    return along_grid(
        run, [&](const Tensor& x, const NoiseLevel& from, const NoiseLevel& to, std::uint32_t i) {
          const AncestralStep step = ancestral_step(from, to, settings.eta);
          return with_noise(dpm2_step(run, {x, from}, step.down), run,
                            step.fresh * settings.s_noise, i + 1);
        });
  };
}

}  // namespace diffusion
