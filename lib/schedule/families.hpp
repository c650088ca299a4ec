// The factories of the registry; each takes its own parameters and T.
#pragma once
#include "lib/schedule/schedule.hpp"

namespace diffusion {

Schedule make_linear(Params&, int steps);
Schedule make_cosine(Params&, int steps);
Schedule make_quadratic(Params&, int steps);
Schedule make_sigmoid(Params&, int steps);
Schedule make_ve(Params&, int steps);
Schedule make_karras(Params&, int steps);
Schedule make_flow(Params&, int steps);

}  // namespace diffusion
