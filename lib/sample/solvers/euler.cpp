// Euler's method for the probability-flow ODE, with churn (Karras et al. 2022,
// "Elucidating the Design Space of Diffusion-Based Generative Models", Alg. 2 without
// its correction). Without churn it is DDIM with eta = 0, on every path.
#include "lib/sample/solvers/step.hpp"

namespace diffusion {

Sampler make_euler(Params& params) {
  return [churn = churn_from(params)](SampleRun run) {
    return along_grid(
        run, [&](const Tensor& x, const NoiseLevel& from, const NoiseLevel& to, std::uint32_t i) {
          const Placed start = churned(churn, run, x, from, i + 1);
          return moved(run.denoise(start.x, start.at), start.x, start.at, to);
        });
  };
}

}  // namespace diffusion
