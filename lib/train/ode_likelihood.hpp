// The exact likelihood of the probability-flow ODE, by Hutchinson's trace.
// Song et al. 2021, "Score-Based Generative Modeling through Stochastic Differential
// Equations", Sec. 4.3 and app. D.2; Hutchinson 1990.
#pragma once
#include <cstdint>
#include <vector>

#include "lib/noise/denoiser.hpp"
#include "lib/rng/noise_source.hpp"
#include "lib/schedule/schedule.hpp"

namespace diffusion {

struct OdeOptions {
  const Schedule& schedule;
  int steps;          // of Heun's method, uniform in lambda: two evaluations of the slope each
  NoiseSource noise;  // of the probes: one of +1 and -1 an image
  /// Where there are differences: half the distance between the states whose difference is the
  /// derivative along the probe, in units of the state's spread: its error is of second order in
  /// it.
  double probe = 1e-2;
};

/// -log2 p(x) per dimension of each image of N x H x W x C, with p the density at the
/// schedule's first level, numbers in [-1, 1]. In y = x_t/alpha and u = ln(sigma/alpha) the
/// ODE is dy/du = y - x0_hat, whose divergence along the way is d ln p: E[v' J v] over
/// probes v. J is the denoiser's own where it knows its derivative; J v is found by
/// central differences where it does not. The first image has the number `first`.
std::vector<double> ode_bits(const Denoiser& denoise, const Tensor& x, std::uint64_t first,
                             const OdeOptions& options);

/// 8-bit values as numbers spread evenly over their bins of 2/255 (Theis et al. 2016), and
/// what turns bits of density into bits of values, an upper bound of their mean.
Tensor dequantised(const Tensor& x, std::uint64_t first, const NoiseSource& noise);
inline constexpr double bits_of_bin = 6.994353436858858;  // log2(255/2)

}  // namespace diffusion
