// DPM-Solver++ (SDE), the stochastic form of the second-order single step: k-diffusion's
// dpmpp_sde, after Lu et al. 2025, "DPM-Solver++: Fast Solver for Guided Sampling of
// Diffusion Probabilistic Models".
#include <cmath>

#include "lib/noise/combine.hpp"
#include "lib/sample/solvers/step.hpp"

namespace diffusion {
namespace {

/// Whether the noise of a half step is part of the whole step's, as on one Brownian path
/// in ve_sigma, or apart from it.
enum class Noises { brownian, independent };

struct Settings {
  Ancestral noise;
  Noises noises;
};

/// Draws 2i + 1 and 2i + 2.
Tensor whole_noise(const SampleRun& run, const Tensor& half, Noises noises, const NoiseLevel& from,
                   const NoiseLevel& middle, const NoiseLevel& to, std::uint32_t i) {
  Tensor rest = run.noise(half.shape(), 2 * i + 2);
  if (noises == Noises::independent) return rest;
  const double share = (from.ve_sigma() - middle.ve_sigma()) / (from.ve_sigma() - to.ve_sigma());
  return combine(std::sqrt(share), half, std::sqrt(1 - share), rest);
}

Tensor step(const SampleRun& run, const Tensor& x, const Settings& settings, std::uint32_t i) {
  const NoiseLevel &from = run.grid[i], &to = run.grid[i + 1];
  const auto [eta, s_noise] = settings.noise;
  const Denoised first = run.denoise(x, from);
  if (to.clean()) return moved(first, x, from, to);
  const AncestralStep whole = ancestral_step(from, to, eta);
  if (from.pure_noise())
    return with_noise(moved(first, x, from, whole.down), run, whole.fresh * s_noise, 2 * i + 2);
  const NoiseLevel middle = level_of(run, (from.lambda + to.lambda) / 2);
  const AncestralStep half = ancestral_step(from, middle, eta);
  const bool noisy = eta != 0 && s_noise != 0;
  const Tensor z = noisy ? run.noise(x.shape(), 2 * i + 1) : x;
  Tensor x_middle = towards(first.x0, x, from, half.down);
  if (noisy) add_scaled(x_middle, half.fresh * s_noise, z);
  const Denoised second = run.denoise(x_middle, middle);
  Tensor x_to = towards(second.x0, x, from, whole.down);
  if (noisy)
    add_scaled(x_to, whole.fresh * s_noise,
               whole_noise(run, z, settings.noises, from, middle, to, i));
  return x_to;
}

}  // namespace

Sampler make_dpmpp_sde(Params& params) {
  const Ancestral noise = ancestral_from(params, 1);
  const std::string noises = params.choice("noise", {"brownian", "independent"});
  const Settings settings{noise, noises == "brownian" ? Noises::brownian : Noises::independent};
  return [settings](SampleRun run) {
    return along_grid(run, [&](const Tensor& x, const NoiseLevel&, const NoiseLevel&,
                               std::uint32_t i) { return step(run, x, settings, i); });
  };
}

}  // namespace diffusion
