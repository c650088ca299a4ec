// Improved pseudo numerical methods: Adams-Bashforth's weights of equal steps on the
// predicted noise, and DDIM's move. Zhang and Chen 2023, "Fast Sampling of Diffusion
// Models with Exponential Integrator", App. H.2, after Liu, Ren, Lin and Zhao 2022.
#include "lib/sample/solvers/linear_multistep.hpp"

namespace diffusion {

Sampler make_ipndm(Params& params) {
  const std::int64_t order = params.integer("order", 4);
  if (order < 1 || order > 4) params.refuse("order", "must be 1, 2, 3 or 4");
  const auto weights = [](std::span<const double> s, double to) {
    std::vector<double> all = adams_bashforth(s.size());
    for (double& weight : all) weight *= to - s[0];
    return all;
  };
  const Ending ending = ending_from(params, Ending::full);
  // diffusers' scheduler divides by an alpha of 0 that it raises, and finds no clean data.
  const bool kept = params.choice("noise", {"forgotten", "kept"}) == "kept";
  const LinearMultistep method{std::size_t(order), ending, weights,
                               kept ? OfNoise::kept : OfNoise::forgotten};
  return [method](SampleRun run) { return linear_multistep(std::move(run), method); };
}

}  // namespace diffusion
