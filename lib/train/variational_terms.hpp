// The terms of the variational bound and their derivatives.
#pragma once
#include "lib/schedule/schedule.hpp"
#include "lib/schedule/transition.hpp"

namespace diffusion {

/// One reverse step, from level t to the one before, and the least and the greatest
/// variance that a model's may have. At t = 1, where beta~ is 0, the least is that of
/// t = 2 (Nichol and Dhariwal 2021, code).
struct ReverseStep {
  PosteriorStep posterior;
  double log_small, log_large;  // of beta~ and beta

  /// v of the way from beta~ to beta (Nichol and Dhariwal 2021, Eq. 15).
  double log_variance(double v) const { return v * log_large + (1 - v) * log_small; }
};
ReverseStep reverse_step(const Schedule& schedule, int t);

/// A term in nats and its derivatives.
struct Term {
  double nats, by_mean, by_log_variance;
};

/// KL(N(mean + off, e^q) || N(mean, e^log_variance)); `by_mean` is by the second's mean.
Term kl_term(double q, double log_variance, double off);

/// -ln of the probability that N(mean, e^log_variance) gives to the 8-bit value x stands
/// for, in bins of 2/255 of which the outermost are open (Ho et al. 2020, Eq. 13).
Term eight_bit_term(double x, double mean, double log_variance);

/// -ln of the density of N(mean, e^log_variance) at x.
Term density_term(double x, double mean, double log_variance);

inline constexpr double bits_per_nat = 1.4426950408889634;

}  // namespace diffusion
