// Annealed Langevin dynamics: Song and Ermon 2019, "Generative Modeling by Estimating
// Gradients of the Data Distribution", Alg. 1, in the frame x/alpha, so that it runs on
// every path. A last step to clean data denoises (Jolicoeur-Martineau et al. 2021).
#include <cmath>

#include "lib/noise/combine.hpp"
#include "lib/noise/prediction.hpp"
#include "lib/sample/solvers/step.hpp"

namespace diffusion {
namespace {

struct Settings {
  double step;  // in units of the level's variance: epsilon / sigma_L^2 of the paper's code
  std::int64_t per_level;
};

/// y += step sigma^2 score + sqrt(2 step) sigma z, with y = x/alpha.
Tensor stirred(const SampleRun& run, Tensor x, const Settings& settings, const NoiseLevel& at,
               std::uint32_t i) {
  const auto count = std::uint32_t(settings.per_level);
  for (std::uint32_t k = 0; k < count; ++k) {
    const Tensor eps = eps_of(run.denoise(x, at), x, at);
    const Tensor z = run.noise(x.shape(), i * count + k + 1);
    x = sum(
        {{1, x}, {-settings.step * at.sigma, eps}, {std::sqrt(2 * settings.step) * at.sigma, z}});
  }
  return x;
}

}  // namespace

Sampler make_langevin(Params& params) {
  const Settings settings{params.number("step", 0.1), params.integer("per_level", 10)};
  if (!(settings.step > 0 && settings.step < 2)) params.refuse("step", "must lie in (0, 2)");
  if (settings.per_level < 1 || settings.per_level > 100'000)
    params.refuse("per_level", "must lie in 1..100000");
  return [settings](SampleRun run) {
    const auto last = std::uint32_t(run.grid.size() - 1);
    return along_grid(
        run,
        [&](const Tensor& x, const NoiseLevel& from, const NoiseLevel& to,
            std::uint32_t i) -> Tensor {
          const auto final_draw = std::uint32_t(settings.per_level) * (last + 1) + i + 1;
          if (too_long(from, to) && !to.clean()) {
            const AncestralStep step = ancestral_step(from, to, 1);
            return with_noise(moved(run.denoise(x, from), x, from, step.down), run, step.fresh,
                              final_draw);
          }
          const Tensor stationary = stirred(run, x, settings, from, i);
          if (to.clean()) return combine(to.alpha, run.denoise(stationary, from).x0, 0, stationary);
          const Tensor same = combine(to.alpha / from.alpha, stationary, 0, stationary);
          return i + 1 == last ? stirred(run, same, settings, to, last) : same;
        });
  };
}

}  // namespace diffusion
