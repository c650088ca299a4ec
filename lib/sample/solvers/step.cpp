#include "lib/sample/solvers/step.hpp"

#include <algorithm>
#include <cmath>

#include "lib/noise/combine.hpp"
#include "lib/noise/prediction.hpp"

namespace diffusion {

Tensor moved(const Denoised& denoised, const Tensor& eps, const NoiseLevel& to) {
  return combine(to.alpha, denoised.x0, to.sigma, eps);
}

Tensor moved(const Denoised& denoised, const Tensor& x, const NoiseLevel& from,
             const NoiseLevel& to) {
  return moved(denoised, eps_of(denoised, x, from), to);
}

Tensor towards(const Tensor& x0, const Tensor& x, const NoiseLevel& from, const NoiseLevel& to) {
  const double kept = to.sigma / from.sigma;
  return combine(kept, x, to.alpha - kept * from.alpha, x0);
}

AncestralStep ancestral_step(const NoiseLevel& from, const NoiseLevel& to, double eta) {
  const double share = -std::expm1(2 * (from.lambda - to.lambda));  // 1 - SNR/SNR'
  const double fresh = std::min(1.0, eta * std::sqrt(share)) * to.sigma;
  NoiseLevel down = to;
  down.sigma = std::sqrt(std::max(0.0, to.sigma * to.sigma - fresh * fresh));
  down.lambda = std::log(down.alpha / down.sigma);
  return {down, fresh};
}

Tensor with_noise(Tensor x, const SampleRun& run, double scale, std::uint32_t draw) {
  if (scale != 0) add_scaled(x, scale, run.noise(x.shape(), draw));
  return x;
}

LongSteps long_steps_from(Params& params) {
  return params.choice("long", {"first", "second"}) == "first" ? LongSteps::first
                                                               : LongSteps::second;
}

Ancestral ancestral_from(Params& params, double eta) {
  const Ancestral settings{params.number("eta", eta), params.number("s_noise", 1)};
  if (!(settings.eta >= 0)) params.refuse("eta", "must not be negative");
  if (!(settings.s_noise >= 0)) params.refuse("s_noise", "must not be negative");
  return settings;
}

Churn churn_from(Params& params) {
  const Churn churn{params.number("churn", 0), params.number("s_min", 0),
                    params.number("s_max", HUGE_VAL), params.number("s_noise", 1)};
  if (!(churn.churn >= 0)) params.refuse("churn", "must not be negative");
  if (!(churn.s_noise >= 0)) params.refuse("s_noise", "must not be negative");
  return churn;
}

Placed churned(const Churn& churn, const SampleRun& run, const Tensor& x, const NoiseLevel& from,
               std::uint32_t draw) {
  const double sigma = from.ve_sigma(), steps = double(intervals_of(run));
  const bool inside = sigma >= churn.s_min && sigma <= churn.s_max && !from.pure_noise();
  const double gamma = inside ? std::min(churn.churn / steps, std::sqrt(2.0) - 1) : 0;
  if (churn.churn == 0) return {x, from};
  const Tensor z = run.noise(x.shape(), draw);  // also where none is used: replays count on it
  if (gamma == 0) return {x, from};
  const NoiseLevel noisier = level_of(run, from.lambda - std::log1p(gamma));
  const double added = noisier.alpha * sigma * std::sqrt(gamma * (2 + gamma)) * churn.s_noise;
  return {combine(noisier.alpha / from.alpha, x, added, z), noisier};
}

}  // namespace diffusion
