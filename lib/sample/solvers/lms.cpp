// Adams-Bashforth for the unequal steps of a grid: exact integrals in sigma of the
// polynomial through the latest slopes (k-diffusion's lms).
#include <array>
#include <cmath>

#include "lib/sample/solvers/linear_multistep.hpp"

namespace diffusion {
namespace {

/// The integral over [a, b] of the Lagrange polynomial of node j: three points of
/// Gauss-Legendre are exact to degree 5.
double lagrange_integral(std::span<const double> nodes, std::size_t j, double a, double b) {
  const double far = std::sqrt(0.6);
  const std::array<std::array<double, 2>, 3> points{
      {{-far, 5.0 / 9}, {0, 8.0 / 9}, {far, 5.0 / 9}}};
  double integral = 0;
  for (const auto& [at, weight] : points) {
    const double s = (a + b) / 2 + at * (b - a) / 2;
    double value = weight;
    for (std::size_t k = 0; k < nodes.size(); ++k)
      if (k != j) value *= (s - nodes[k]) / (nodes[j] - nodes[k]);
    integral += value;
  }
  return integral * (b - a) / 2;
}

std::vector<double> weights(std::span<const double> s, double to) {
  std::vector<double> all;
  for (std::size_t j = 0; j < s.size(); ++j) all.push_back(lagrange_integral(s, j, s[0], to));
  return all;
}

}  // namespace

Sampler make_lms(Params& params) {
  const std::int64_t order = params.integer("order", 4);
  if (order < 1 || order > 4) params.refuse("order", "must be 1, 2, 3 or 4");
  const LinearMultistep method{std::size_t(order), ending_from(params, Ending::full), weights};
  return [method](SampleRun run) { return linear_multistep(std::move(run), method); };
}

}  // namespace diffusion
