// Song et al. 2020, "Denoising Diffusion Implicit Models". eta = 0 follows the
// probability-flow ODE; eta = 1 is the ancestral sampling of Ho et al. 2020.
#include <algorithm>
#include <cmath>

#include "lib/noise/combine.hpp"
#include "lib/noise/prediction.hpp"
#include "lib/sample/sampler.hpp"
#include "lib/schedule/transition.hpp"

namespace diffusion {
namespace {

struct Settings {
  double eta;
  bool large;  // adds beta, the forward step's variance, rather than beta~, the
               // posterior's (Ho et al. 2020, Sec. 3.2)
};

/// sigma_t of Eq. 16, in SNR so that it holds on every path.
double posterior_scale(double eta, const NoiseLevel& from, const NoiseLevel& to) {
  return eta * to.sigma * std::sqrt(-std::expm1(2 * (from.lambda - to.lambda)));
}

Tensor ddim(SampleRun run, const Settings& settings) {
  Tensor x = std::move(run.x);
  report(run, 0, x);
  for (std::uint32_t i = 0; i + 1 < run.grid.size(); ++i) {
    const NoiseLevel &from = run.grid[i], &to = run.grid[i + 1];
    const Denoised denoised = run.denoise(x, from);
    const Tensor eps = eps_of(denoised, x, from);
    const double fresh = posterior_scale(settings.eta, from, to);
    const double kept = std::sqrt(std::max(0.0, to.sigma * to.sigma - fresh * fresh));
    x = combine(to.alpha, denoised.x0, kept, eps);  // Eq. 12
    if (fresh > 0) {                                // never on the way to clean data
      const double added = settings.large ? std::sqrt(forward_step(to, from).variance) : fresh;
      add_scaled(x, added, run.noise(x.shape(), i + 1));
    }
    report(run, i + 1, x);
  }
  return x;
}

}  // namespace

Sampler make_ddim(Params& params) {
  const Settings settings{params.number("eta", 0),
                          params.choice("variance", {"small", "large"}) == "large"};
  if (!(settings.eta >= 0 && settings.eta <= 1)) params.refuse("eta", "must lie in [0, 1]");
  if (settings.large && settings.eta != 1)
    params.refuse("variance", "large is DDPM's: it needs eta=1");
  return [=](SampleRun run) { return ddim(std::move(run), settings); };
}

}  // namespace diffusion
