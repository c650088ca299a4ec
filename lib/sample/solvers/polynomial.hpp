// Polynomials through estimates, and their integrals against e^u.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace diffusion {

/// Coefficients, lowest first, of the Lagrange polynomial of node j.
std::vector<double> lagrange(std::span<const double> nodes, std::size_t j);

/// e^u (p - p' + p'' - ...), whose derivative is p(u) e^u; 0 at u = -inf.
double antiderivative(std::vector<double> p, double u);

}  // namespace diffusion
