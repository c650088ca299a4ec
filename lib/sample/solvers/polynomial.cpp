#include "lib/sample/solvers/polynomial.hpp"

#include <cmath>

namespace diffusion {

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

}  // namespace diffusion
