// The factories of the registry; each takes its own parameters and T.
#pragma once
#include "lib/schedule/schedule.hpp"

namespace diffusion {

Schedule make_linear(Params&, int steps);
Schedule make_scaled_linear(Params&, int steps);
Schedule make_quadratic(Params&, int steps);
Schedule make_constant(Params&, int steps);
Schedule make_warm_up(Params&, int steps);
Schedule make_jsd(Params&, int steps);
Schedule make_cosine(Params&, int steps);
Schedule make_sigmoid(Params&, int steps);
Schedule make_sigmoid_alpha_bar(Params&, int steps);
Schedule make_laplace(Params&, int steps);
Schedule make_exponential(Params&, int steps);
Schedule make_piecewise(Params&, int steps);
Schedule make_ve(Params&, int steps);
Schedule make_karras(Params&, int steps);
Schedule make_flow(Params&, int steps);

/// "custom": its table brings its own T; `steps` must agree, or be 0.
Schedule make_custom(Params&, int steps);

}  // namespace diffusion
