// DPM-Solver++ in its multistep forms: Lu et al. 2025, "DPM-Solver++: Fast Solver for
// Guided Sampling of Diffusion Probabilistic Models", Alg. 2 (2M), its third order, and
// the SDE of both with any eta (k-diffusion's dpmpp_2m_sde and dpmpp_3m_sde).
#include <array>
#include <cmath>

#include "lib/noise/combine.hpp"
#include "lib/sample/solvers/history.hpp"
#include "lib/sample/solvers/step.hpp"

namespace diffusion {
namespace {

/// How the second difference enters a step of second order: the midpoint of the step, or
/// the exact integral of a straight line, which also is the third order's (phi_2).
enum class Slope { midpoint, integral };

/// The second divided difference is half the second derivative. The authors' code, and
/// all that follow it, take it for the whole, which leaves a term of third order.
enum class Curvature { full, half };

struct Settings {
  std::size_t order;
  Slope slope;  // of second-order steps
  Curvature curvature;
  Ending ending;
  Ancestral noise;
};

/// Factors, in a step of length h, of h times the derivative of x0 in lambda and of h^2
/// times its second divided difference; H = (1 + eta) h.
struct Factors {
  double first, second;
};

Factors factors(std::size_t order, const Settings& settings, double H) {
  const double whole = -std::expm1(-H);
  const double phi_2 = 1 - whole / H, phi_3 = phi_2 / H - 0.5;
  if (order == 1) return {0, 0};
  if (order == 2) return {settings.slope == Slope::midpoint ? whole / 2 : phi_2, 0};
  return {phi_2, settings.curvature == Curvature::full ? -2 * phi_3 : -phi_3};
}

/// Factors of the estimates, newest first, that make up those differences.
std::array<double, 3> weights(const Factors& of, const History& past, double h, std::size_t order) {
  if (order == 1) return {};
  const double r0 = (past[0].at.lambda - past[1].at.lambda) / h;
  if (order == 2) return {of.first / r0, -of.first / r0, 0};
  const double r1 = (past[1].at.lambda - past[2].at.lambda) / h;
  const double near = of.first * (1 + r0 / (r0 + r1)) + of.second / (r0 + r1);
  const double far = of.first * r0 / (r0 + r1) + of.second / (r0 + r1);
  return {near / r0, -near / r0 - far / r1, far / r1};
}

Tensor step(const SampleRun& run, const Tensor& x, const History& past, const Settings& settings,
            std::uint32_t i) {
  const NoiseLevel &from = run.grid[i], &to = run.grid[i + 1];
  const double eta = settings.noise.eta, h = to.lambda - from.lambda, H = (1 + eta) * h;
  const double decay = eta == 0 ? 1 : std::exp(-eta * h);
  const std::size_t order =
      to.clean() ? 1 : order_of_step(settings.order, past, settings.ending, run, i);
  const std::array<double, 3> extra = weights(factors(order, settings, H), past, h, order);
  std::vector<Summand> terms{{to.sigma / from.sigma * decay, x},
                             {to.alpha * (extra[0] - std::expm1(-H)), past[0].value}};
  for (std::size_t k = 1; k < order; ++k) terms.push_back({to.alpha * extra[k], past[k].value});
  const double fresh = eta == 0 ? 0 : to.sigma * std::sqrt(-std::expm1(-2 * eta * h));
  return with_noise(sum(terms), run, fresh * settings.noise.s_noise, i + 1);
}

Sampler multistep(const Settings& settings) {
  return [settings](SampleRun run) {
    History past(settings.order);
    return along_grid(
        run, [&](const Tensor& x, const NoiseLevel& from, const NoiseLevel&, std::uint32_t i) {
          past.add(run.denoise(x, from).x0, from);
          return step(run, x, past, settings, i);
        });
  };
}

Slope slope_from(Params& params, Slope usual) {
  const bool midpoint = usual == Slope::midpoint;
  const std::string given =
      params.choice("solver", {midpoint ? "midpoint" : "heun", midpoint ? "heun" : "midpoint"});
  return given == "midpoint" ? Slope::midpoint : Slope::integral;
}

Curvature curvature_from(Params& params, std::size_t order) {
  if (order < 3) return Curvature::full;
  return params.choice("curvature", {"full", "half"}) == "full" ? Curvature::full : Curvature::half;
}

/// Whether noise is drawn on the way.
enum class Kind { ode, sde };

Sampler make(Params& params, std::size_t order, Slope usual, Kind kind) {
  const Slope slope = slope_from(params, usual);
  const Curvature curvature = curvature_from(params, order);
  const Ending ending = ending_from(params, Ending::full);
  const Ancestral noise = kind == Kind::sde ? ancestral_from(params, 1) : Ancestral{0, 1};
  return multistep({order, slope, curvature, ending, noise});
}

}  // namespace

Sampler make_dpmpp_2m(Params& params) { return make(params, 2, Slope::midpoint, Kind::ode); }
Sampler make_dpmpp_3m(Params& params) { return make(params, 3, Slope::midpoint, Kind::ode); }
Sampler make_dpmpp_2m_sde(Params& params) { return make(params, 2, Slope::midpoint, Kind::sde); }
Sampler make_dpmpp_3m_sde(Params& params) { return make(params, 3, Slope::integral, Kind::sde); }

}  // namespace diffusion
