// Where on the forward path we are: x_t = alpha x_0 + sigma eps.
// Everything is a function of the half log-SNR, lambda = log(alpha / sigma);
// Kingma et al. 2021, "Variational Diffusion Models", Sec. 3.2.
#pragma once
#include <cmath>
#include <limits>

namespace diffusion {

/// How alpha and sigma are normalised. A schedule is a path and a table of levels.
enum class Path {
  variance_preserving,  // alpha^2 + sigma^2 = 1   DDPM; alpha^2 is alpha_bar
  variance_exploding,   // alpha = 1               NCSN, EDM
  straight,             // alpha + sigma = 1       flow matching
};

struct NoiseLevel {
  double lambda;  // +inf is clean data, -inf is pure noise
  double alpha;   // signal scale
  double sigma;   // noise scale
  double timestep = std::numeric_limits<double>::quiet_NaN();  // what a network is handed

  double snr() const { return std::exp(2 * lambda); }
  double ve_sigma() const { return std::exp(-lambda); }  // sigma / alpha, the sigma of EDM
  bool clean() const { return sigma == 0; }
  bool pure_noise() const { return alpha == 0; }
};

/// The level of half log-SNR `lambda` on a path; its timestep is not set.
inline NoiseLevel on_path(Path path, double lambda) {
  const double ve_sigma = std::exp(-lambda), ve_alpha = std::exp(lambda);
  switch (path) {
    case Path::variance_preserving:
      return {lambda, 1 / std::hypot(1, ve_sigma), 1 / std::hypot(1, ve_alpha)};
    case Path::variance_exploding:
      return {lambda, 1, ve_sigma};
    case Path::straight:
      return {lambda, 1 / (1 + ve_sigma), 1 / (1 + ve_alpha)};
  }
  __builtin_unreachable();
}

inline NoiseLevel clean_level(Path path) {
  return on_path(path, std::numeric_limits<double>::infinity());
}

}  // namespace diffusion
