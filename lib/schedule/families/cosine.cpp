// Nichol and Dhariwal 2021, "Improved Denoising Diffusion Probabilistic Models", Eq. 17.
#include <cmath>
#include <numbers>

#include "lib/schedule/families/families.hpp"
#include "lib/schedule/families/family_parts.hpp"

namespace diffusion {

Schedule make_cosine(Params& params, int steps) {
  const double s = params.number("s", 0.008);
  const BetaLimits limits = beta_limits(params);
  if (!(s >= 0)) params.refuse("s", "must not be negative");
  const double quarter = std::numbers::pi / 2 / (1 + s);
  const auto angle = [&](int t) { return (double(t) / steps + s) * quarter; };
  return from_beta_function(steps, limits, [&](int t) {
    // 1 - cos^2(b)/cos^2(a) = sin(b + a) sin(b - a)/cos^2(a) keeps its digits when b is near a.
    const double a = angle(t - 1), b = angle(t);
    return std::sin(b + a) * std::sin(quarter / steps) / std::pow(std::cos(a), 2);
  });
}

}  // namespace diffusion
