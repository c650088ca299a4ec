// Pseudo numerical methods: Liu, Ren, Lin and Zhao 2022, "Pseudo Numerical Methods for Diffusion
// Models on Manifolds", Eq. 9 to 13. The first steps are pseudo Runge-Kutta, or (as
// latent diffusion has it: start=plms) one improved Euler step and lower orders.
#include <cmath>

#include "lib/noise/combine.hpp"
#include "lib/noise/prediction.hpp"
#include "lib/sample/solvers/linear_multistep.hpp"
#include "lib/sample/solvers/step.hpp"

namespace diffusion {
namespace {

constexpr std::size_t order = 4;

/// Where noise eps leads from x (Eq. 9 of the paper: DDIM's move).
Tensor transferred(const Tensor& x, const Tensor& eps, const NoiseLevel& from,
                   const NoiseLevel& to) {
  const double scale = to.alpha / from.alpha;
  return combine(scale, x, to.sigma - scale * from.sigma, eps);
}

Tensor noise_at(const SampleRun& run, const Tensor& x, const NoiseLevel& at) {
  return eps_of(run.denoise(x, at), x, at);
}

/// Eq. 13: the noise that carries x over the interval, by four evaluations; half-way is half
/// of the timestep.
Tensor runge_kutta(const SampleRun& run, const Tensor& x, const Tensor& first,
                   const NoiseLevel& from, const NoiseLevel& to) {
  const NoiseLevel middle = level_between(run, from, to, 0.5);
  const Tensor second = noise_at(run, transferred(x, first, from, middle), middle);
  const Tensor third = noise_at(run, transferred(x, second, from, middle), middle);
  const Tensor fourth = noise_at(run, transferred(x, third, from, to), to);
  return sum({{1.0 / 6, first}, {2.0 / 6, second}, {2.0 / 6, third}, {1.0 / 6, fourth}});
}

Tensor improved_euler(const SampleRun& run, const Tensor& x, const Tensor& first,
                      const NoiseLevel& from, const NoiseLevel& to) {
  return combine(0.5, first, 0.5, noise_at(run, transferred(x, first, from, to), to));
}

/// Adams-Bashforth's combination of what there is.
Tensor combined(const History& past) {
  const std::vector<double> weights = adams_bashforth(past.size());
  std::vector<Summand> terms;
  for (std::size_t j = 0; j < past.size(); ++j) terms.push_back({weights[j], past[j].value});
  return sum(terms);
}

enum class Start { runge_kutta, plms };

struct Settings {
  Start start;
  LongSteps long_steps;
};

Tensor noise_of_step(const SampleRun& run, const Tensor& x, const History& past,
                     const NoiseLevel& to, const Settings& settings) {
  const auto& [eps, from] = past[0];
  if (too_long(from, to, settings.long_steps)) return combined(past);
  if (settings.start == Start::runge_kutta && past.size() < order)
    return runge_kutta(run, x, eps, from, to);
  if (settings.start == Start::plms && past.size() == 1)
    return improved_euler(run, x, eps, from, to);
  return combined(past);
}

}  // namespace

Sampler make_pndm(Params& params) {
  const Start start =
      params.choice("start", {"rk", "plms"}) == "rk" ? Start::runge_kutta : Start::plms;
  const Settings settings{start, long_steps_from(params)};
  return [settings](SampleRun run) {
    History past(order);
    return along_grid(
        run, [&](const Tensor& x, const NoiseLevel& from, const NoiseLevel& to, std::uint32_t) {
          const Denoised denoised = run.denoise(x, from);
          past.add(eps_of(denoised, x, from), from);
          if (from.pure_noise()) return moved(denoised, past[0].value, to);
          return transferred(x, noise_of_step(run, x, past, to, settings), from, to);
        });
  };
}

}  // namespace diffusion
