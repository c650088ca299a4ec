// Euler's method for the probability-flow ODE, with churn (Karras et al. 2022,
// "Elucidating the Design Space of Diffusion-Based Generative Models", Alg. 2 without
// its correction). Without churn it is DDIM with eta = 0, on every path.
#include "lib/noise/combine.hpp"
#include "lib/noise/prediction.hpp"
#include "lib/sample/solvers/step.hpp"

namespace diffusion {
namespace {

/// Which state the model is asked about: the one with noise added, or (as diffusers does)
/// the one before that, whose eps then stands for the other's.
enum class Asked { after, before };

Tensor euler_step(const SampleRun& run, const Tensor& x, const NoiseLevel& from,
                  const NoiseLevel& to, const Placed& start) {
  const Tensor eps = eps_of(run.denoise(x, from), x, from);
  const Tensor x0 = combine(1 / start.at.alpha, start.x, -start.at.sigma / start.at.alpha, eps);
  return combine(to.alpha, x0, to.sigma, eps);
}

}  // namespace

Sampler make_euler(Params& params) {
  const Churn churn = churn_from(params);
  const bool before = params.choice("asked", {"after", "before"}) == "before";
  return [churn, asked = before ? Asked::before : Asked::after](SampleRun run) {
    return along_grid(
        run, [&](const Tensor& x, const NoiseLevel& from, const NoiseLevel& to, std::uint32_t i) {
          const Placed start = churned(churn, run, x, from, i + 1);
          const bool apart = asked == Asked::before && start.at.lambda != from.lambda;
          if (apart) return euler_step(run, x, from, to, start);
          return moved(run.denoise(start.x, start.at), start.x, start.at, to);
        });
  };
}

}  // namespace diffusion
