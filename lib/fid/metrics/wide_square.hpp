// Squared distances to twice the digits of double, for those that double cannot tell apart.
#pragma once
#include <compare>
#include <cstddef>

namespace diffusion {

/// high + low, of which low is less than half a unit in the last place of high.
struct WideSquare {
  double high = 0, low = 0;

  auto operator<=>(const WideSquare&) const = default;
};

/// The sum of the squares of x - y by error-free sums and products (Dekker 1971, "A
/// floating-point technique for extending the available precision"). Exact where its terms
/// span less than 106 bits, as those of features do: equal distances are then equal.
WideSquare wide_squared_distance(const float* x, const float* y, std::size_t dims);

}  // namespace diffusion
