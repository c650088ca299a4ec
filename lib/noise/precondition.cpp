#include "lib/noise/precondition.hpp"

namespace diffusion {

NetworkInput network_input(const NetworkFace& face, const NoiseLevel& at) {
  if (face.prediction == Prediction::edm) return {1 / edm_spread(at), -at.lambda / 4};
  const bool exploding = face.path == Path::variance_exploding;
  return {exploding ? 1 / std::hypot(at.alpha, at.sigma) : 1, at.timestep};
}

}  // namespace diffusion
