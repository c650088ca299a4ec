// Sohl-Dickstein et al. 2015, "Deep Unsupervised Learning using Nonequilibrium
// Thermodynamics", Sec. 2.4.1: every step erases the same share, 1/T, of the image;
// alpha_bar = 1 - t/T, and nothing is left of it at T.
#include "lib/schedule/families/families.hpp"

namespace diffusion {

Schedule make_jsd(Params&, int steps) {
  std::vector<double> betas;
  for (int t = 1; t <= steps; ++t) betas.push_back(1.0 / (steps - t + 1));
  return from_betas(std::move(betas));
}

}  // namespace diffusion
