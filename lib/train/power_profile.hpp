// Averages of weights whose profile is a power of the time of training, and how averages that
// were kept make one that was not: Karras et al. 2023, "Analyzing and Improving the Training
// Dynamics of Diffusion Models", Sec. 3 and App. C.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace diffusion {

/// Widths below which profiles are told apart, and up to which they grow with time.
inline constexpr double least_sigma_rel = 1e-3, most_sigma_rel = 0.28;

/// The exponent of the profile t^gamma on [0, 1] whose standard deviation is sigma_rel, which
/// lies in least_sigma_rel to most_sigma_rel.
double gamma_of(double sigma_rel);

/// The share of the weights of update number `update` (from 1) in the average after it:
/// 1 - (1 - 1/update)^(gamma + 1), in which no digits are lost.
double power_share(double gamma, std::uint64_t update);

/// (gamma + 1) t^gamma / end^(gamma + 1) on [0, end].
struct PowerProfile {
  double gamma, end;
};

/// The integral of the product of two.
double product(const PowerProfile& a, const PowerProfile& b);

/// A sum of profiles that is near to a wanted one.
struct ProfileFit {
  std::vector<double> shares;  // of each; 0 where others say the same
  double error;                // |sum - wanted| / |wanted|, norms being those of the integral
};

/// The least squares, <a, b> x = <a, wanted>, of shares that add up to 1: without that, weights
/// that never changed would come out scaled where a fit is poor.
ProfileFit fit_profile(std::span<const PowerProfile> kept, const PowerProfile& wanted);

}  // namespace diffusion
