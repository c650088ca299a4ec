// A mean of weighted values, and how sure it is.
#pragma once
#include <algorithm>
#include <cmath>

namespace diffusion {

/// The sums that a mean and its standard error follow from.
struct WeightedMean {
  double count = 0, weights = 0, sum = 0, squares = 0;

  void add(double value, double weight = 1) {
    ++count;
    weights += weight;
    sum += weight * value;
    squares += weight * value * value;
  }
  double mean() const { return sum / weights; }
  /// The standard error; NaN of fewer than two values.
  double error() const {
    const double variance = std::max(0.0, squares / weights - mean() * mean());
    return count < 2 ? std::nan("") : std::sqrt(variance / (count - 1));
  }
};

}  // namespace diffusion
