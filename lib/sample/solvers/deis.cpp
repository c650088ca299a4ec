// DEIS with polynomials in log sigma (log-rho): Zhang and Chen 2023, "Fast Sampling of
// Diffusion Models with Exponential Integrator", Sec. 3.3, tAB; order 1 is DDIM.
#include <cmath>

#include "lib/sample/solvers/linear_multistep.hpp"

namespace diffusion {
namespace {

/// Coefficients, lowest first, of the Lagrange polynomial of node j.
std::vector<double> lagrange(std::span<const double> nodes, std::size_t j) {
  std::vector<double> polynomial{1};
  for (std::size_t k = 0; k < nodes.size(); ++k) {
    if (k == j) continue;
    std::vector<double> next(polynomial.size() + 1, 0);
    for (std::size_t p = 0; p < polynomial.size(); ++p) {
      next[p + 1] += polynomial[p] / (nodes[j] - nodes[k]);
      next[p] -= polynomial[p] * nodes[k] / (nodes[j] - nodes[k]);
    }
    polynomial = next;
  }
  return polynomial;
}

/// e^u (p - p' + p'' - ...), whose derivative is p(u) e^u; 0 at u = -inf.
double antiderivative(std::vector<double> p, double u) {
  if (std::isinf(u)) return 0;
  double total = 0, sign = 1;
  while (!p.empty()) {
    double value = 0;
    for (std::size_t k = p.size(); k-- > 0;) value = value * u + p[k];
    total += sign * value;
    sign = -sign;
    for (std::size_t k = 1; k < p.size(); ++k) p[k - 1] = double(k) * p[k];
    p.pop_back();
  }
  return std::exp(u) * total;
}

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
