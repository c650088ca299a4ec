#include "lib/sample/inversion.hpp"

#include "lib/noise/combine.hpp"
#include "lib/noise/prediction.hpp"
#include "lib/sample/solvers/step.hpp"

namespace diffusion {
namespace {

/// Answers at clean data too: x0 is the state, eps what the model finds in it at `lowest`.
Denoiser answering_clean(const Denoiser& denoise, const NoiseLevel& lowest) {
  return [&denoise, lowest](const Tensor& x, const NoiseLevel& at) {
    if (!at.clean()) return denoise(x, at);
    return Denoised{x, eps_of(denoise(x, lowest), x, lowest), {}};
  };
}

/// A better state at `to` than `guess`: what the estimate made there says of noise, or of
/// clean data, joined with `x` at `from` as DDIM's step down from `to` joins them. Of the
/// two the one that changes less with the state: near clean data eps, near noise x0.
Tensor corrected(const SampleRun& run, const Tensor& x, const NoiseLevel& from, const Tensor& guess,
                 const NoiseLevel& to) {
  const Denoised denoised = run.denoise(guess, to);
  if (!from.clean() && !(from.lambda + to.lambda > 0)) return towards(denoised.x0, x, from, to);
  const double kept = to.alpha / from.alpha;
  return combine(kept, x, to.sigma - kept * from.sigma, eps_of(denoised, guess, to));
}

Tensor ddim_up(SampleRun run, int corrections) {
  return along_grid(
      run, [&](const Tensor& x, const NoiseLevel& from, const NoiseLevel& to, std::uint32_t) {
        Tensor next = moved(run.denoise(x, from), x, from, to);
        for (int i = 0; i < corrections; ++i) next = corrected(run, x, from, next, to);
        return next;
      });
}

}  // namespace

Tensor inverted(SampleRun run, const Inversion& how) {
  const Denoiser denoise = answering_clean(run.denoise, how.lowest);
  SampleRun up{.denoise = denoise,
               .x = std::move(run.x),
               .grid = run.grid,
               .path = run.path,
               .noise = {},
               .at_level = run.at_level,
               .schedule = run.schedule};
  if (how.sampler == InversionOf::heun) return make_sampler("heun")(std::move(up));
  return ddim_up(std::move(up), how.corrections);
}

}  // namespace diffusion
