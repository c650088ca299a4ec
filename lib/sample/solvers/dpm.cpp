// DPM-Solver, single steps of order 1 to 3 in noise prediction: Lu et al. 2022,
// "DPM-Solver: A Fast ODE Solver for Diffusion Probabilistic Model Sampling in Around 10
// Steps", Alg. 1 and 2, Sec. B.
#include <cmath>

#include "lib/noise/combine.hpp"
#include "lib/noise/prediction.hpp"
#include "lib/sample/solvers/step.hpp"

namespace diffusion {
namespace {

/// One step between two levels, its length h in half log-SNR.
struct Step {
  const SampleRun& run;
  const Denoised& denoised;
  const Tensor& eps;
  const NoiseLevel &from, &to;

  double h() const { return to.lambda - from.lambda; }

  /// The state the share r of the way if eps changed by `difference`, weighted.
  Placed at(double r, double weight, const Tensor& difference) const {
    const NoiseLevel there = level_of(run, from.lambda + r * h());
    return {corrected(there, weight, difference), there};
  }
  Tensor corrected(const NoiseLevel& there, double weight, const Tensor& difference) const {
    Tensor x = moved(denoised, eps, there);
    if (weight != 0) add_scaled(x, -there.sigma * weight, difference);
    return x;
  }
  Tensor noise_at(const Placed& place) const {
    return eps_of(run.denoise(place.x, place.at), place.x, place.at);
  }
};

/// phi(h) = (e^h - 1)/h - 1, of the linear part of eps.
double linear_part(double h) { return std::expm1(h) / h - 1; }

Tensor second_order(const Step& step) {
  const double r = 0.5;
  const Tensor there = step.noise_at(step.at(r, 0, step.eps));
  return step.corrected(step.to, std::expm1(step.h()) / (2 * r), combine(1, there, -1, step.eps));
}

Tensor third_order(const Step& step) {
  const double r1 = 1.0 / 3, r2 = 2.0 / 3, h = step.h();
  const Tensor first = combine(1, step.noise_at(step.at(r1, 0, step.eps)), -1, step.eps);
  const Placed second_place = step.at(r2, r2 / r1 * linear_part(r2 * h), first);
  const Tensor second = combine(1, step.noise_at(second_place), -1, step.eps);
  return step.corrected(step.to, linear_part(h) / r2, second);
}

}  // namespace

Sampler make_dpm(Params& params) {
  const std::int64_t order = params.integer("order", 3);
  if (order < 1 || order > 3) params.refuse("order", "must be 1, 2 or 3");
  return [order](SampleRun run) {
    return along_grid(
        run, [&](const Tensor& x, const NoiseLevel& from, const NoiseLevel& to, std::uint32_t) {
          const Denoised denoised = run.denoise(x, from);
          const Tensor eps = eps_of(denoised, x, from);
          if (order == 1 || too_long(from, to)) return moved(denoised, eps, to);
          const Step step{run, denoised, eps, from, to};
          return order == 2 ? second_order(step) : third_order(step);
        });
  };
}

}  // namespace diffusion
