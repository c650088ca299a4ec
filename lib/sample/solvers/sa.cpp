// SA-Solver in data prediction: Xue et al. 2023, "SA-Solver: Stochastic Adams Solver for
// Fast Sampling of Diffusion Models", Alg. 1: predictor and corrector for the SDE of noise
// tau, the corrector by the evaluation that the next predictor needs anyway.
#include <algorithm>
#include <cmath>
#include <vector>

#include "lib/noise/combine.hpp"
#include "lib/sample/solvers/history.hpp"
#include "lib/sample/solvers/polynomial.hpp"
#include "lib/sample/solvers/step.hpp"

namespace diffusion {
namespace {

struct Settings {
  std::size_t order, corrector;  // corrector 0: none
  double tau, low, high;         // tau at timesteps low..high, else 0
  Ending ending;

  /// Levels without timesteps lie everywhere.
  double tau_at(const NoiseLevel& at) const {
    return at.timestep < low || at.timestep > high ? 0 : tau;
  }
};

/// alpha' (1 + tau^2) times the integrals of e^v over Lagrange polynomials, v being
/// (1 + tau^2) (lambda - lambda') (Eq. 14).
std::vector<double> weights(std::span<const NoiseLevel> nodes, const NoiseLevel& from,
                            const NoiseLevel& to, double tau) {
  const double k = 1 + tau * tau, gap = to.lambda - from.lambda;
  if (nodes.size() == 1) return {-to.alpha * std::expm1(-k * gap)};
  std::vector<double> places, all;
  for (const NoiseLevel& node : nodes) places.push_back(k * (node.lambda - to.lambda));
  for (std::size_t j = 0; j < nodes.size(); ++j) {
    const std::vector<double> p = lagrange(places, j);
    all.push_back(to.alpha * (antiderivative(p, 0) - antiderivative(p, -k * gap)));
  }
  if (nodes.size() != 2) return all;
  // The authors' code adds what is of third order: better for few steps, they find.
  const double rest = gap * gap / 2 - (k * gap + std::expm1(-k * gap)) / (k * k);
  const double extra = to.alpha * k * rest / (nodes[0].lambda - nodes[1].lambda);
  all[0] += extra;
  all[1] -= extra;
  return all;
}

/// One step's beginning, to be taken by a predictor and again by a corrector.
struct Leap {
  Tensor x, z;
  NoiseLevel from;
  double tau = 0;

  /// By estimates, newest first.
  Tensor to(const NoiseLevel& to, std::span<const Estimate* const> estimates) const {
    std::vector<NoiseLevel> nodes;
    for (const Estimate* estimate : estimates) nodes.push_back(estimate->at);
    const double decay = tau * tau * (to.lambda - from.lambda);
    const std::vector<double> weight = weights(nodes, from, to, tau);
    std::vector<Summand> terms{{to.sigma / from.sigma * (tau == 0 ? 1 : std::exp(-decay)), x}};
    for (std::size_t k = 0; k < weight.size(); ++k)
      terms.push_back({weight[k], estimates[k]->value});
    if (tau != 0) terms.push_back({to.sigma * std::sqrt(-std::expm1(-2 * decay)), z});
    return sum(terms);
  }
};

/// The latest `count` estimates, `newest` before them if there is one.
std::vector<const Estimate*> latest(const History& past, std::size_t count,
                                    const Estimate* newest = nullptr) {
  std::vector<const Estimate*> estimates;
  if (newest) estimates.push_back(newest);
  for (std::size_t k = 0; estimates.size() < count && k < past.size(); ++k)
    estimates.push_back(&past[k]);
  return estimates;
}

/// Of the corrector at level i.
std::size_t corrector_order(const Settings& settings, const SampleRun& run, std::size_t i) {
  if (settings.ending == Ending::full) return settings.corrector;
  return std::min(settings.corrector, run.grid.size() + 1 - i);
}

Tensor sa(SampleRun run, const Settings& settings) {
  History past(std::max(settings.order, std::max<std::size_t>(settings.corrector, 1) - 1));
  Leap last;
  return along_grid(run, [&](const Tensor& predicted, const NoiseLevel& from, const NoiseLevel& to,
                             std::uint32_t i) {
    const Estimate here{run.denoise(predicted, from).x0, from};
    const bool correct = settings.corrector > 0 && i > 0 && !last.from.pure_noise();
    Tensor x =
        correct ? last.to(from, latest(past, corrector_order(settings, run, i), &here)) : predicted;
    past.add(here.value, from);
    // Drawn also where it is not used, as the authors do: replays count on it.
    Tensor z = settings.tau > 0 ? run.noise(x.shape(), i + 1) : x;
    last = {std::move(x), std::move(z), from, settings.tau_at(from)};
    const std::size_t order =
        to.clean() ? 1 : order_of_step(settings.order, past, settings.ending, run, i);
    return last.to(to, latest(past, order));
  });
}

}  // namespace

Sampler make_sa(Params& params) {
  const std::int64_t order = params.integer("order", 2), corrector = params.integer("corrector", 2);
  if (order < 1 || order > 4) params.refuse("order", "must be 1, 2, 3 or 4");
  if (corrector < 0 || corrector > 4) params.refuse("corrector", "must lie in 0..4");
  const Settings settings{std::size_t(order),         std::size_t(corrector),
                          params.number("tau", 1),    params.number("low", 200),
                          params.number("high", 800), ending_from(params, Ending::lower)};
  if (!(settings.tau >= 0)) params.refuse("tau", "must not be negative");
  return [settings](SampleRun run) { return sa(std::move(run), settings); };
}

}  // namespace diffusion
