// DPM-Solver++ and DPM-Solver in their multistep forms: Lu et al. 2025, "DPM-Solver++: Fast
// Solver for Guided Sampling of Diffusion Probabilistic Models", Alg. 2 (2M), its third order,
// and the SDE of both with any eta (k-diffusion's dpmpp_2m_sde and dpmpp_3m_sde); the same on
// the estimate of noise (diffusers' dpmsolver and sde-dpmsolver).
#include <array>
#include <cmath>

#include "lib/noise/combine.hpp"
#include "lib/sample/solvers/exponential.hpp"
#include "lib/sample/solvers/history.hpp"

namespace diffusion {
namespace {

/// The second divided difference is half the second derivative. The authors' code, and
/// all that follow it, take it for the whole, which leaves a term of third order.
enum class Curvature { full, half };

struct Settings {
  Of of;
  std::size_t order;
  SlopeTerm slope;  // of second-order steps
  Curvature curvature;
  Ending ending;
  Ancestral noise;
  LongSteps long_steps;
};

/// A step of the SDE: `exact` with its noise added and what that takes away.
struct Step {
  Exponential exact;
  double fresh;
};

Step step_of(const Settings& settings, const NoiseLevel& from, const NoiseLevel& to) {
  const double eta = settings.noise.eta, gap = to.lambda - from.lambda;
  Step step{exponential(settings.of, from, to), 0};
  if (eta == 0) return step;
  if (settings.of == Of::x0) {
    step.exact.keep *= std::exp(-eta * gap);
    step.exact.h *= 1 + eta;
    step.fresh = to.sigma * std::sqrt(-std::expm1(-2 * eta * gap));
  } else {
    step.exact.lead *= 1 + eta * eta;
    step.fresh = eta * to.sigma * std::sqrt(std::expm1(2 * gap));
  }
  return step;
}

/// Factors of the derivative of the estimate in the share of the step, and of its second
/// divided difference there.
struct Factors {
  double first, second;
};

Factors factors(std::size_t order, const Settings& settings, double h) {
  if (order == 1) return {0, 0};
  if (order == 2) return {-slope_weight(settings.slope, h), 0};
  return {-phi_2(h), settings.curvature == Curvature::full ? -2 * phi_3(h) : -phi_3(h)};
}

/// Factors of the estimates, newest first, that make up those differences.
std::array<double, 3> weights(const Factors& of, const History& past, double gap,
                              std::size_t order) {
  if (order == 1) return {};
  const double r0 = (past[0].at.lambda - past[1].at.lambda) / gap;
  if (order == 2) return {of.first / r0, -of.first / r0, 0};
  const double r1 = (past[1].at.lambda - past[2].at.lambda) / gap;
  const double near = of.first * (1 + r0 / (r0 + r1)) + of.second / (r0 + r1);
  const double far = of.first * r0 / (r0 + r1) + of.second / (r0 + r1);
  return {near / r0, -near / r0 - far / r1, far / r1};
}

/// Where noise cannot be extrapolated.
bool is_plain(const Settings& settings, const NoiseLevel& from, const NoiseLevel& to) {
  return settings.of == Of::eps && too_long(from, to, settings.long_steps);
}

Tensor plain(const SampleRun& run, const Tensor& x, const Denoised& denoised,
             const Settings& settings, std::uint32_t i) {
  const NoiseLevel &from = run.grid[i], &to = run.grid[i + 1];
  const AncestralStep step = ancestral_step(from, to, settings.noise.eta);
  return with_noise(moved(denoised, x, from, step.down), run, step.fresh * settings.noise.s_noise,
                    i + 1);
}

Tensor advanced(const SampleRun& run, const Tensor& x, const History& past,
                const Settings& settings, std::uint32_t i) {
  const NoiseLevel &from = run.grid[i], &to = run.grid[i + 1];
  const auto [exact, fresh] = step_of(settings, from, to);
  const std::size_t order =
      to.clean() ? 1 : order_of_step(settings.order, past, settings.ending, run, i);
  const std::array<double, 3> extra =
      weights(factors(order, settings, exact.h), past, to.lambda - from.lambda, order);
  std::vector<Summand> terms{{exact.keep, x},
                             {exact.lead * (extra[0] - std::expm1(exact.h)), past[0].value}};
  for (std::size_t k = 1; k < order; ++k) terms.push_back({exact.lead * extra[k], past[k].value});
  return with_noise(sum(terms), run, fresh * settings.noise.s_noise, i + 1);
}

Sampler multistep(const Settings& settings) {
  return [settings](SampleRun run) {
    History past(settings.order);
    return along_grid(
        run, [&](const Tensor& x, const NoiseLevel& from, const NoiseLevel& to, std::uint32_t i) {
          const Denoised denoised = run.denoise(x, from);
          past.add(value_of(settings.of, denoised, x, from), from);
          if (is_plain(settings, from, to)) return plain(run, x, denoised, settings, i);
          return advanced(run, x, past, settings, i);
        });
  };
}

Curvature curvature_from(Params& params, std::size_t order) {
  if (order < 3) return Curvature::full;
  return params.choice("curvature", {"full", "half"}) == "full" ? Curvature::full : Curvature::half;
}

/// Whether noise is drawn on the way.
enum class Kind { ode, sde };

struct Method {
  Of of;
  std::size_t order;
  SlopeTerm usual;
  Kind kind;
};

Sampler make(Params& params, const Method& method) {
  const SlopeTerm slope = slope_from(params, "solver", method.usual);
  const Curvature curvature = curvature_from(params, method.order);
  const Ending ending = ending_from(params, Ending::full);
  const bool noisy = method.kind == Kind::sde;
  const Ancestral noise = noisy ? ancestral_from(params, 1) : Ancestral{0, 1};
  const LongSteps how = method.of == Of::eps ? long_steps_from(params) : LongSteps::second;
  return multistep({method.of, method.order, slope, curvature, ending, noise, how});
}

}  // namespace

Sampler make_dpmpp_2m(Params& params) {
  return make(params, {Of::x0, 2, SlopeTerm::midpoint, Kind::ode});
}
Sampler make_dpmpp_3m(Params& params) {
  return make(params, {Of::x0, 3, SlopeTerm::midpoint, Kind::ode});
}
Sampler make_dpmpp_2m_sde(Params& params) {
  return make(params, {Of::x0, 2, SlopeTerm::midpoint, Kind::sde});
}
Sampler make_dpmpp_3m_sde(Params& params) {
  return make(params, {Of::x0, 3, SlopeTerm::integral, Kind::sde});
}
Sampler make_dpm_2m(Params& params) {
  return make(params, {Of::eps, 2, SlopeTerm::midpoint, Kind::ode});
}
Sampler make_dpm_3m(Params& params) {
  return make(params, {Of::eps, 3, SlopeTerm::midpoint, Kind::ode});
}
Sampler make_dpm_2m_sde(Params& params) {
  return make(params, {Of::eps, 2, SlopeTerm::midpoint, Kind::sde});
}

}  // namespace diffusion
