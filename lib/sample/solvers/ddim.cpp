// Song et al. 2020, "Denoising Diffusion Implicit Models". eta = 0 follows the
// probability-flow ODE; eta = 1 is the ancestral sampling of Ho et al. 2020.
#include <algorithm>
#include <cmath>

#include "lib/base/error.hpp"
#include "lib/noise/combine.hpp"
#include "lib/noise/prediction.hpp"
#include "lib/sample/sampler.hpp"
#include "lib/schedule/transition.hpp"

namespace diffusion {
namespace {

/// What is added: beta~, the posterior's variance; beta, the forward step's (Ho et al.
/// 2020, Sec. 3.2); or what the model says between them.
enum class Added { small, large, learned };

struct Settings {
  double eta;
  Added added;
};

/// sigma_t of Eq. 16, in SNR so that it holds on every path.
double posterior_scale(double eta, const NoiseLevel& from, const NoiseLevel& to) {
  return eta * to.sigma * std::sqrt(-std::expm1(2 * (from.lambda - to.lambda)));
}

/// x += the learned standard deviation times z (Nichol and Dhariwal 2021, Eq. 15).
void add_learned(Tensor& x, const Denoised& denoised, const Tensor& z, const NoiseLevel& from,
                 const NoiseLevel& to) {
  if (!denoised.variance_share)
    throw Error(
        "ddim: variance=learned needs a model that has learned one; small and large do not");
  const double small = std::log(posterior_step(from, to).variance);
  const double large = std::log(forward_step(to, from).variance);
  const float* const share = denoised.variance_share->data();
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double v = share[i];
    x.data()[i] += float(std::exp((v * large + (1 - v) * small) / 2) * double(z.data()[i]));
  }
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
      const Tensor z = run.noise(x.shape(), i + 1);
      if (settings.added == Added::learned)
        add_learned(x, denoised, z, from, to);
      else
        add_scaled(
            x, settings.added == Added::large ? std::sqrt(forward_step(to, from).variance) : fresh,
            z);
    }
    report(run, i + 1, x);
  }
  return x;
}

}  // namespace

Sampler make_ddim(Params& params) {
  const double eta = params.number("eta", 0);
  const std::string variance = params.choice("variance", {"small", "large", "learned"});
  const Settings settings{eta, variance == "small"   ? Added::small
                               : variance == "large" ? Added::large
                                                     : Added::learned};
  if (!(settings.eta >= 0 && settings.eta <= 1)) params.refuse("eta", "must lie in [0, 1]");
  if (settings.added != Added::small && settings.eta != 1)
    params.refuse("variance", variance + " is DDPM's: it needs eta=1");
  return [=](SampleRun run) { return ddim(std::move(run), settings); };
}

}  // namespace diffusion
