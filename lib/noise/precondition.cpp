#include "lib/noise/precondition.hpp"

#include <cassert>
#include <cmath>
#include <string>

#include "lib/base/error.hpp"

namespace diffusion {

NetworkInput network_input(const NetworkFace& face, const NoiseLevel& at) {
  if (face.prediction == Prediction::edm) return {1 / edm_spread(at), -at.lambda / 4};
  if (face.prediction == Prediction::ncsn) return {0.5 / at.alpha, at.ve_sigma() / 2, 0.5};
  const bool exploding = face.path == Path::variance_exploding;
  return {exploding ? 1 / std::hypot(at.alpha, at.sigma) : 1, at.timestep};
}

double finite_timestep(const NetworkFace& face, const NoiseLevel& at) {
  const double timestep = network_input(face, at).timestep;
  assert(!std::isnan(timestep));
  const std::string told = face.prediction == Prediction::edm
                               ? "an EDM network is handed ln(sigma/alpha)/4 as time"
                               : "an NCSN++ network is handed sigma/alpha as time";
  if (std::isinf(timestep))
    throw Error(told + ", which is infinite at " +
                std::string(at.clean() ? "clean data" : "pure noise") +
                ": sample on a grid whose ends have a finite signal-to-noise ratio");
  return timestep;
}

}  // namespace diffusion
