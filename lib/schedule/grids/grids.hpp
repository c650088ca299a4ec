// The factories of the registry of grids: `count` levels, noisiest first, without the
// clean end.
#pragma once
#include <vector>

#include "lib/schedule/schedule.hpp"

namespace diffusion {

std::vector<NoiseLevel> trailing_grid(Params&, const Schedule&, int count);
std::vector<NoiseLevel> leading_grid(Params&, const Schedule&, int count);
std::vector<NoiseLevel> linspace_grid(Params&, const Schedule&, int count);
std::vector<NoiseLevel> quadratic_grid(Params&, const Schedule&, int count);
std::vector<NoiseLevel> ddim_grid(Params&, const Schedule&, int count);
std::vector<NoiseLevel> lcm_grid(Params&, const Schedule&, int count);
std::vector<NoiseLevel> sections_grid(Params&, const Schedule&, int count);

std::vector<NoiseLevel> karras_grid(Params&, const Schedule&, int count);
std::vector<NoiseLevel> exponential_grid(Params&, const Schedule&, int count);
std::vector<NoiseLevel> lambda_grid(Params&, const Schedule&, int count);
std::vector<NoiseLevel> beta_grid(Params&, const Schedule&, int count);
std::vector<NoiseLevel> tau_grid(Params&, const Schedule&, int count);
std::vector<NoiseLevel> fast_grid(Params&, const Schedule&, int count);
std::vector<NoiseLevel> vp_grid(Params&, const Schedule&, int count);

}  // namespace diffusion
