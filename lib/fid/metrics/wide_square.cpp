#include "lib/fid/metrics/wide_square.hpp"

#include <cmath>

namespace diffusion {
namespace {

/// a + b as the nearest double and what is left.
WideSquare two_sum(double a, double b) {
  const double sum = a + b, of_b = sum - a;
  return {sum, (a - (sum - of_b)) + (b - of_b)};
}

void add(WideSquare& sum, double term) {
  const WideSquare next = two_sum(sum.high, term);
  sum = two_sum(next.high, sum.low + next.low);
}

}  // namespace

WideSquare wide_squared_distance(const float* x, const float* y, std::size_t dims) {
  WideSquare sum;
  for (std::size_t i = 0; i < dims; ++i) {
    const WideSquare difference = two_sum(double(x[i]), -double(y[i]));
    const double square = difference.high * difference.high;
    add(sum, square);
    add(sum, std::fma(difference.high, difference.high, -square));
    if (difference.low != 0) add(sum, difference.low * (2 * difference.high + difference.low));
  }
  return sum;
}

}  // namespace diffusion
