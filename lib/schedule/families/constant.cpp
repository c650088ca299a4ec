// The same beta throughout, or after a warm-up, as in the code of Ho et al. 2020,
// "Denoising Diffusion Probabilistic Models".
#include "lib/schedule/families/families.hpp"
#include "lib/schedule/families/family_parts.hpp"

namespace diffusion {

Schedule make_constant(Params& params, int steps) {
  const double beta = params.number("beta_end", 0.02);
  if (!(beta >= 0 && beta <= 1)) params.refuse("beta_end", "must lie in [0, 1]");
  return from_betas(std::vector<double>(std::size_t(steps), beta));
}

Schedule make_warm_up(Params& params, int steps) {
  const BetaRange range = beta_range(params);
  const double warmup = params.number("warmup", 0.1);
  if (!(warmup >= 0 && warmup <= 1)) params.refuse("warmup", "must lie in [0, 1]");
  const int ramp_steps = int(steps * warmup);
  std::vector<double> betas(std::size_t(steps), range.end);
  for (int t = 1; t <= ramp_steps; ++t) betas[std::size_t(t - 1)] = range.at(ramp(t, ramp_steps));
  return from_betas(std::move(betas));
}

}  // namespace diffusion
