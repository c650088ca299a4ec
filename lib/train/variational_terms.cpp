#include "lib/train/variational_terms.hpp"

#include <cmath>
#include <numbers>
#include <utility>

namespace diffusion {
namespace {

/// The standard normal density at z; 0 at the open ends.
double density(double z) {
  return std::isinf(z) ? 0 : std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi);
}

/// The probability between a < b, from the tail that has the digits.
double probability(double a, double b) {
  if (a > 0) {
    std::swap(a, b);
    a = -a;
    b = -b;
  }
  return (std::erfc(-b / std::numbers::sqrt2) - std::erfc(-a / std::numbers::sqrt2)) / 2;
}

}  // namespace

ReverseStep reverse_step(const Schedule& schedule, int t) {
  const NoiseLevel from = schedule.at(t), to = schedule.at(t - 1);
  ReverseStep step{posterior_step(from, to), 0, std::log(forward_step(to, from).variance)};
  if (t > 1)
    step.log_small = std::log(step.posterior.variance);
  else
    step.log_small = schedule.steps() == 1
                         ? step.log_large
                         : std::log(posterior_step(schedule.at(2), schedule.at(1)).variance);
  return step;
}

Term kl_term(double q, double log_variance, double off) {
  const double precision = std::exp(-log_variance), excess = std::expm1(q - log_variance);
  return {(log_variance - q + excess + off * off * precision) / 2, -off * precision,
          -(excess + off * off * precision) / 2};
}

Term density_term(double x, double mean, double log_variance) {
  const double off = x - mean, precision = std::exp(-log_variance);
  return {(std::log(2 * std::numbers::pi) + log_variance + off * off * precision) / 2,
          -off * precision, (1 - off * off * precision) / 2};
}

Term eight_bit_term(double x, double mean, double log_variance) {
  constexpr double half_bin = 1.0 / 255, least = 1e-280, open = 0.999;
  const double scale = std::exp(-log_variance / 2);
  const double a = x < -open ? -HUGE_VAL : (x - half_bin - mean) * scale;
  const double b = x > open ? HUGE_VAL : (x + half_bin - mean) * scale;
  const double p = probability(a, b);
  if (p < least) {  // so far off that only the density at the bin is left
    Term term = density_term(x, mean, log_variance);
    term.nats -= std::log(2 * half_bin);
    return term;
  }
  const double at_a = density(a), at_b = density(b);
  const double pull = (std::isinf(b) ? 0 : b * at_b) - (std::isinf(a) ? 0 : a * at_a);
  return {-std::log(p), (at_b - at_a) * scale / p, pull / (2 * p)};
}

}  // namespace diffusion
