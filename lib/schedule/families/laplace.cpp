// Hang and Gu 2024, "Improved Noise Schedule for Diffusion Training": log-SNR spread as a
// Laplace distribution, most steps where signal and noise are equal. In the form that
// diffusers gave it, whose alpha_bar is the square root of the sigmoid of l.
#include <cmath>

#include "lib/schedule/families/families.hpp"
#include "lib/schedule/families/family_parts.hpp"

namespace diffusion {

Schedule make_laplace(Params& params, int steps) {
  return from_alpha_bar_curve(steps, beta_limits(params), [](double u) {
    const double from_middle = 0.5 - u;
    const double side = from_middle < 0 ? -1 : 1;
    const double l = -side * std::log(1 - 2 * std::abs(from_middle) + 1e-6) / 2;
    return 1 / std::sqrt(1 + std::exp(-l));
  });
}

}  // namespace diffusion
