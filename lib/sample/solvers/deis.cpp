// DEIS with polynomials in log sigma (log-rho): Zhang and Chen 2023, "Fast Sampling of
// Diffusion Models with Exponential Integrator", Sec. 3.3, tAB; order 1 is DDIM.
#include <cmath>

#include "lib/sample/solvers/linear_multistep.hpp"
#include "lib/sample/solvers/polynomial.hpp"

namespace diffusion {
namespace {

/// Integrals over s of polynomials in u = log(s/s[0]).
std::vector<double> weights(std::span<const double> s, double to) {
  std::vector<double> nodes, all;
  for (const double each : s) nodes.push_back(std::log(each / s[0]));
  for (std::size_t j = 0; j < s.size(); ++j) {
    const std::vector<double> p = lagrange(nodes, j);
    all.push_back(s[0] * (antiderivative(p, std::log(to / s[0])) - antiderivative(p, 0)));
  }
  return all;
}

}  // namespace

Sampler make_deis(Params& params) {
  const std::int64_t order = params.integer("order", 3);
  if (order < 1 || order > 4) params.refuse("order", "must be 1, 2, 3 or 4");
  const LinearMultistep method{std::size_t(order), ending_from(params, Ending::full), weights};
  return [method](SampleRun run) { return linear_multistep(std::move(run), method); };
}

}  // namespace diffusion
