#include "lib/xla/formulas.hpp"

#include <cmath>
#include <numbers>
#include <span>

namespace diffusion::xla {
namespace {

/// c0 + c1 x + c2 x^2 + ...
Value polynomial(std::span<const double> c, Value x) {
  Value all = filled_like(x, c.back());
  for (std::size_t i = c.size() - 1; i-- > 0;) all = all * x + c[i];
  return all;
}

}  // namespace

Value silu(Value x) { return x * sigmoid(x); }

// The fraction is fitted to least relative error on [0, 3.92], 2e-8; float32 makes 3e-7 of it.
// Beyond, erf is 1 in float32.
Value erf(Value x) {
  if (x.type() == Type::bf16) return convert(erf(convert(x, Type::f32)), Type::bf16);
  constexpr double above[] = {1.1283791065216064,   0.19040536880493164,   0.05274859443306923,
                              0.003765575820580125, 0.0002848828153219074, 2.0501079234236386e-06};
  constexpr double below[] = {1.0,
                              0.5020750761032104,
                              0.11410867422819138,
                              0.014969131909310818,
                              0.0011625275947153568,
                              3.8091937312856317e-05};
  const Value inner = minimum(maximum(x, -3.92), 3.92), square = inner * inner;
  const Value value = inner * polynomial(above, square) / polynomial(below, square);
  return given_derivative(value, x, exp(-(x * x)) * (2 * std::numbers::inv_sqrtpi));
}

Value gelu_by_tanh(Value x) {
  return x * sigmoid((x * x * 0.044715 + 1) * x * (2 * std::sqrt(2 * std::numbers::inv_pi)));
}

/// As kernels/level/activations.hpp: beyond 20 it is x in float32.
Value mish(Value x) {
  const Value e = exp(minimum(x, 20)), n = e * (e + 2);
  return x * (n / (n + 2));
}

Value activated(Value x, kernel::Activation activation) {
  switch (activation) {
    case kernel::Activation::none:
      return x;
    case kernel::Activation::silu:
      return silu(x);
    case kernel::Activation::mish:
      return mish(x);
    case kernel::Activation::gelu:
      return gelu(x);
    case kernel::Activation::relu:
      return maximum(x, 0);
  }
  __builtin_unreachable();
}

Value gelu(Value x) { return x * 0.5 * (erf(x * (1 / std::numbers::sqrt2)) + 1); }

}  // namespace diffusion::xla
