#include "lib/sample/solvers/linear_multistep.hpp"

#include "lib/noise/combine.hpp"
#include "lib/noise/prediction.hpp"
#include "lib/sample/solvers/step.hpp"

namespace diffusion {

namespace {

/// alpha' y', written as Euler's step and what differs from it: x = alpha x0 + sigma eps_0.
Tensor weighted_step(const Tensor& x0, const History& past, std::span<const double> weights,
                     const NoiseLevel& to) {
  std::vector<Summand> terms{{to.alpha, x0}, {to.sigma, past[0].value}};
  for (std::size_t j = 1; j < weights.size(); ++j) {
    terms[1].scale -= to.alpha * weights[j];
    terms.push_back({to.alpha * weights[j], past[j].value});
  }
  return sum(terms);
}

}  // namespace

Tensor linear_multistep(SampleRun run, const LinearMultistep& method) {
  const bool keeps = method.of_noise == OfNoise::kept;
  History past(method.order, method.of_noise);
  return along_grid(
      run, [&](const Tensor& x, const NoiseLevel& from, const NoiseLevel& to, std::uint32_t i) {
        const Denoised denoised = run.denoise(x, from);
        past.add(eps_of(denoised, x, from), from);
        if (keeps && from.pure_noise()) return combine(0, x, to.sigma, past[0].value);
        const std::size_t order = order_of_step(method.order, past, method.ending, run, i);
        if (order == 1) return moved(denoised, past[0].value, to);
        std::vector<double> s;
        for (std::size_t j = 0; j < order; ++j) s.push_back(past[j].at.ve_sigma());
        return weighted_step(denoised.x0, past, method.weights(s, to.ve_sigma()), to);
      });
}

std::vector<double> adams_bashforth(std::size_t order) {
  switch (order) {
    case 1:
      return {1};
    case 2:
      return {3.0 / 2, -1.0 / 2};
    case 3:
      return {23.0 / 12, -16.0 / 12, 5.0 / 12};
    default:
      return {55.0 / 24, -59.0 / 24, 37.0 / 24, -9.0 / 24};
  }
}

}  // namespace diffusion
