#include "lib/train/device_terms.hpp"

#include <cmath>
#include <numbers>
#include <span>

namespace diffusion {
namespace {

using xla::Comparison, xla::Value;

/// c0 + c1 x + c2 x^2 + ...
Value polynomial(std::span<const double> c, Value x) {
  Value all = filled_like(x, c.back());
  for (std::size_t i = c.size() - 1; i-- > 0;) all = all * x + c[i];
  return all;
}

Value zeros_like(Value x) { return filled_like(x, 0); }

/// exp(x) - 1 - x: its series where x is small, that no digits are lost.
Value exp_minus_line(Value x) {
  constexpr double series[] = {1.0 / 2,   1.0 / 6,    1.0 / 24,    1.0 / 120,
                               1.0 / 720, 1.0 / 5040, 1.0 / 40320, 1.0 / 362880};
  const Value small = minimum(maximum(x, -0.5), 0.5);
  return select(compare(abs(x), Comparison::le, 0.5), small * small * polynomial(series, small),
                exp(x) - 1 - x);
}

/// A bin between the standardised edges a < b, either of which may lie at infinity. It is
/// mirrored where needed, so that the tail that it lies in, if any, is the lower one.
struct Bin {
  Value mirrored, b, a, b_open, a_open;
};

Bin mirrored_bin(Value b, Value a, Value b_open, Value a_open) {
  const Value mirrored = compare(a, Comparison::gt, 0) & ~a_open;
  return {mirrored, select(mirrored, -a, b), select(mirrored, -b, a), b_open & ~mirrored,
          select(mirrored, b_open, a_open)};
}

/// density_term: so far off that only the density at the bin is left.
DeviceTerm density_of_bin(Value off, Value precision, Value log_variance) {
  constexpr double bin = 2.0 / 255;
  const Value square = off * off * precision;
  return {(log_variance + square) * 0.5 + (std::log(2 * std::numbers::pi) / 2 - std::log(bin)),
          -(off * precision), (1 - square) * 0.5};
}

}  // namespace

Value exp_minus_1(Value x) { return x + exp_minus_line(x); }

// t Q(t) with t = 1 / (1 + x / 2): Q is fitted to least relative error on all of (0, 1], 1.2e-8.
Value scaled_erfc(Value x) {
  constexpr double fitted[] = {0.28209479518888536,  0.2820937538083516,  0.24688457471470424,
                               0.1753159758403939,   0.09346243424640463, -0.05921135727587445,
                               0.13217704313646841,  -0.4549739862217074, 0.4936949299957656,
                               -0.23473359191783935, 0.04319543307418442};
  const Value t = 1 / (1 + x * 0.5);
  return t * polynomial(fitted, t);
}

DeviceTerm device_kl_term(Value wider, Value log_variance, Value off) {
  const Value precision = exp(-log_variance), square = off * off * precision;
  const Value beyond = exp_minus_line(-wider);
  return {(beyond + square) * 0.5, -(off * precision), (wider - beyond - square) * 0.5};
}

/// With b <= 0 both parts of the probability have the factor exp(-b^2/2), which is taken out of
/// it and of the densities; with b > 0 it is not small.
DeviceTerm device_eight_bit_term(Value x, Value mean, Value log_variance) {
  constexpr double half_bin = 1.0 / 255, open = 0.999, most_nats = 644.7;  // -ln 1e-280
  const Value scale = exp(log_variance * -0.5), off = x - mean;
  const Bin bin = mirrored_bin((off + half_bin) * scale, (off - half_bin) * scale,
                               compare(x, Comparison::gt, open), compare(x, Comparison::lt, -open));
  const Value none = zeros_like(x), one = filled_like(x, 1);
  const Value tail = compare(bin.b, Comparison::le, 0) & ~bin.b_open;
  const Value near = abs(bin.b) * (1 / std::numbers::sqrt2);
  const Value far = abs(bin.a) * (1 / std::numbers::sqrt2);
  const Value ratio = select(bin.a_open, none, exp((near - far) * (near + far)));
  const Value at_b = select(tail, one, select(bin.b_open, none, exp(-(near * near))));
  const Value at_a = select(tail, ratio, select(bin.a_open, none, exp(-(far * far))));
  const Value near_part = at_b * scaled_erfc(near), far_part = at_a * scaled_erfc(far);
  const Value p =
      maximum(select(tail, near_part - far_part, 2 - near_part - far_part) * 0.5, 1e-30);
  const Value nats = select(tail, near * near, none) - log(p);

  const double density = 1 / std::sqrt(2 * std::numbers::pi);  // at 0
  const Value rise = (at_b - at_a) * (scale * density) / p;
  const DeviceTerm within{nats, select(bin.mirrored, -rise, rise),
                          (bin.b * at_b - bin.a * at_a) * (density / 2) / p};
  return select(compare(nats, Comparison::gt, most_nats),
                density_of_bin(off, scale * scale, log_variance), within);
}

DeviceTerm select(Value pred, const DeviceTerm& if_true, const DeviceTerm& if_false) {
  return {select(pred, if_true.nats, if_false.nats),
          select(pred, if_true.by_mean, if_false.by_mean),
          select(pred, if_true.by_log_variance, if_false.by_log_variance)};
}

}  // namespace diffusion
