// Functions that networks are written with, as formulas of operations.
#pragma once
#include "lib/kernels/norm.hpp"
#include "lib/xla/operations.hpp"

namespace diffusion::xla {

/// x / (1 + exp(-x))
Value silu(Value x);
/// 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x, by x P(x^2) / Q(x^2); bf16 is
/// computed in f32. The derivative is 2 / sqrt(pi) exp(-x^2), not the approximation's.
Value erf(Value x);
/// x / 2 (1 + erf(x / sqrt(2)))
Value gelu(Value x);

/// x tanh(log(1 + exp(x)))
Value mish(Value x);
/// One of these, max(0, x), or x itself.
Value activated(Value x, kernel::Activation activation);

/// x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))
Value gelu_by_tanh(Value x);

}  // namespace diffusion::xla
