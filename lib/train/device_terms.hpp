// The terms of the variational bound (variational_terms.hpp) as formulas of programs, in float32
// and each with its derivatives: none is left to be found where numbers overflow.
#pragma once
#include "lib/xla/operations.hpp"

namespace diffusion {

/// A term in nats and its derivatives, of one shape.
struct DeviceTerm {
  xla::Value nats, by_mean, by_log_variance;
};

/// exp(x) - 1, exact to a few roundings where x is small too.
xla::Value exp_minus_1(xla::Value x);

/// exp(x^2) erfc(x) for x >= 0, to 3e-7 of it.
xla::Value scaled_erfc(xla::Value x);

/// kl_term of log variances that differ: `wider` is the second's less the first's.
DeviceTerm device_kl_term(xla::Value wider, xla::Value log_variance, xla::Value off);

/// eight_bit_term, whose probability is never so small that its logarithm is lost.
DeviceTerm device_eight_bit_term(xla::Value x, xla::Value mean, xla::Value log_variance);

/// `pred` chooses each element's.
DeviceTerm select(xla::Value pred, const DeviceTerm& if_true, const DeviceTerm& if_false);

}  // namespace diffusion
