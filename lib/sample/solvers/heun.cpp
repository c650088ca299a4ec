// Heun's method for the probability-flow ODE, with churn. Karras et al. 2022,
// "Elucidating the Design Space of Diffusion-Based Generative Models", Alg. 2.
#include "lib/noise/combine.hpp"
#include "lib/sample/solvers/frame.hpp"
#include "lib/sample/solvers/step.hpp"

namespace diffusion {
namespace {

Tensor heun_step(const SampleRun& run, const Placed& start, const NoiseLevel& to, Frame frame,
                 LongSteps how) {
  const auto& [x, from] = start;
  const Denoised first = run.denoise(x, from);
  Tensor x_to = moved(first, x, from, to);
  if (frame == Frame::ve ? too_long(from, to, how) : to.clean()) return x_to;
  const Tensor before = slope(frame, first, x, from);
  const Tensor after = slope(frame, run.denoise(x_to, to), x_to, to);
  const auto [scale, s] = coordinates(frame, to);
  const double half = scale * (s - coordinates(frame, from).s) / 2;
  return sum({{1, x_to}, {half, after}, {-half, before}});
}

}  // namespace

Sampler make_heun(Params& params) {
  return [churn = churn_from(params), frame = frame_from(params),
          how = long_steps_from(params)](SampleRun run) {
    return along_grid(
        run, [&](const Tensor& x, const NoiseLevel& from, const NoiseLevel& to, std::uint32_t i) {
          return heun_step(run, churned(churn, run, x, from, i + 1), to, frame.on(run.path), how);
        });
  };
}

}  // namespace diffusion
