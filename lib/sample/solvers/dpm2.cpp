// The slope half-way in log sigma, as in DPM-Solver-2 but in the frame of Karras et al.
// 2022: k-diffusion's dpm_2 and dpm_2_ancestral.
#include "lib/sample/solvers/middle.hpp"

namespace diffusion {
namespace {

enum class Slope { start, middle };

Tensor dpm2_step(const SampleRun& run, const Placed& start, const NoiseLevel& to, Slope slope) {
  const auto& [x, from] = start;
  if (slope == Slope::start) return moved(run.denoise(x, from), x, from, to);
  return by_middle(run, start, (from.lambda + to.lambda) / 2, to, Frame::ve);
}

Slope slope_of(const NoiseLevel& from, const NoiseLevel& to, LongSteps how) {
  return too_long(from, to, how) ? Slope::start : Slope::middle;
}

}  // namespace

Sampler make_dpm2(Params& params) {
  return [churn = churn_from(params), how = long_steps_from(params)](SampleRun run) {
    return along_grid(
        run, [&](const Tensor& x, const NoiseLevel& from, const NoiseLevel& to, std::uint32_t i) {
          const Placed start = churned(churn, run, x, from, i + 1);
          return dpm2_step(run, start, to, slope_of(start.at, to, how));
        });
  };
}

Sampler make_dpm2_ancestral(Params& params) {
  return [settings = ancestral_from(params, 1), how = long_steps_from(params)](SampleRun run) {
    return along_grid(
        run, [&](const Tensor& x, const NoiseLevel& from, const NoiseLevel& to, std::uint32_t i) {
          const AncestralStep step = ancestral_step(from, to, settings.eta);
          // The grid's step may be too long; how far beyond it `down` lies is another matter.
          const Slope slope = step.down.clean() ? Slope::start : slope_of(from, to, how);
          return with_noise(dpm2_step(run, {x, from}, step.down, slope), run,
                            step.fresh * settings.s_noise, i + 1);
        });
  };
}

}  // namespace diffusion
