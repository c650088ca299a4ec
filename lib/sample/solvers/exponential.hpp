// The exact part of a step of exponential integrators: what DPM-Solver, DPM-Solver++, UniPC
// and their kin have in common.
#pragma once
#include <cmath>

#include "lib/base/params.hpp"
#include "lib/sample/solvers/step.hpp"

namespace diffusion {

/// Which estimate is taken for a polynomial in half log-SNR: the clean data (DPM-Solver++),
/// or the noise (DPM-Solver).
enum class Of { x0, eps };

/// The parameter `predict`, as peers call it: x0 or eps.
Of of_from(Params& params);

/// That estimate, of a model's answer at x.
Tensor value_of(Of of, const Denoised& denoised, const Tensor& x, const NoiseLevel& at);

/// The state at `to` if the estimate m stays what it is: keep x - lead (e^h - 1) m.
struct Exponential {
  double keep, lead;
  double h;  // the step in half log-SNR; of x0 its negative
};
Exponential exponential(Of of, const NoiseLevel& from, const NoiseLevel& to);

/// Integrals, over lead, of the terms beyond: of the estimate's slope (the derivative in the
/// share of the step), phi_2 = (e^h - 1)/h - 1, and of half its curvature.
inline double phi_2(double h) { return std::expm1(h) / h - 1; }
inline double phi_3(double h) { return phi_2(h) / h - 0.5; }

/// How the slope enters: as it is at the middle of the step, or by its integral (the "heun"
/// of the authors' code).
enum class SlopeTerm { midpoint, integral };
inline double slope_weight(SlopeTerm slope, double h) {
  return slope == SlopeTerm::midpoint ? std::expm1(h) / 2 : phi_2(h);
}
/// The parameter `key`, with its usual value: midpoint or heun.
SlopeTerm slope_from(Params& params, const char* key, SlopeTerm usual);

}  // namespace diffusion
