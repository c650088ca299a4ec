// How probable a model finds images: the variational bound, term by term.
// Ho et al. 2020, "Denoising Diffusion Probabilistic Models", Sec. 2 and 3.3; Nichol and
// Dhariwal 2021, "Improved Denoising Diffusion Probabilistic Models", Sec. 3.
#pragma once
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "lib/noise/denoiser.hpp"
#include "lib/rng/noise_source.hpp"
#include "lib/schedule/schedule.hpp"

namespace diffusion {

/// What the last term measures.
enum class Decoder {
  eight_bit,  // the probability of the 8-bit value that a number in [-1, 1] stands for
  density,    // the density at the number itself
};

/// The variance of the model's reverse steps.
enum class ReverseVariance {
  small,    // that of the posterior, beta~
  large,    // that of the forward step, beta
  learned,  // between them, as the denoiser says (Nichol and Dhariwal 2021, Eq. 15)
};

/// Whether estimates of clean data are limited to [-1, 1].
enum class Clipping { none, to_range };

struct BoundOptions {
  const Schedule& schedule;
  /// KL terms visited for an image, at most T - 1: one at random from each of as many
  /// equal parts of 2..T, which estimates their sum without bias; all of them is exact
  /// but for the noise.
  std::size_t terms;
  Decoder decoder = Decoder::eight_bit;
  ReverseVariance variance = ReverseVariance::small;
  Clipping clipping = Clipping::none;
  NoiseSource noise;
};

/// One image's bound on -log2 p(x0), per dimension.
struct Bound {
  double prior = 0;    // KL from q(x_T | x0) to the start of sampling
  double steps = 0;    // the sum over t = 2..T of KL(q(x_{t-1} | x_t, x0) || p(x_{t-1} | x_t))
  double decoder = 0;  // -log2 p(x0 | x_1)
  double total() const { return prior + steps + decoder; }
};

/// What one evaluation of the denoiser found, per dimension.
struct BoundVisit {
  std::size_t image;  // in the batch
  int t;
  double x0_error, eps_error;  // mean squares, before clipping
  double bits;                 // the term of this t
};
using SeeVisit = std::function<void(const BoundVisit&)>;

/// The bounds of a batch N x H x W x C in [-1, 1] whose images have the numbers
/// `first`, `first` + 1, ...; a batch visits the steps that `first` draws, so that one
/// evaluation serves it whole. Throws Error when the variance is to be learned but the
/// denoiser says none.
std::vector<Bound> variational_bounds(const Denoiser& denoise, const Tensor& x0,
                                      std::uint64_t first, const BoundOptions& options,
                                      const SeeVisit& see = {});

/// -ln of the probability that N(mean, e^log_variance) gives to the 8-bit value x stands
/// for, in bins of 2/255 of which the outermost are open (Ho et al. 2020, Eq. 13).
double eight_bit_nats(double x, double mean, double log_variance);

inline constexpr double bits_per_nat = 1.4426950408889634;

}  // namespace diffusion
