// alpha_bar = exp(-12 t/T), as diffusers has it: the same beta at each step, for any T.
#include <cmath>

#include "lib/schedule/families/families.hpp"
#include "lib/schedule/families/family_parts.hpp"

namespace diffusion {

Schedule make_exponential(Params& params, int steps) {
  const double beta = -std::expm1(-12.0 / steps);
  return from_beta_function(steps, beta_limits(params), [&](int) { return beta; });
}

}  // namespace diffusion
