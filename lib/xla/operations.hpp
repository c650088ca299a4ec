// The operations of programs. Shapes must fit (assert); a scalar operand of an elementwise
// operation is broadcast to the other's shape. Semantics: github.com/openxla/stablehlo,
// docs/spec.md.
#pragma once
#include <concepts>
#include <optional>
#include <span>
#include <type_traits>

#include "lib/xla/program.hpp"

namespace diffusion::xla {

template <class T>
concept Number = std::is_arithmetic_v<T>;

// Elementwise, of one type.
Value operator-(Value x);
Value sign(Value x);
Value abs(Value x);
Value exp(Value x);
Value log(Value x);
Value sqrt(Value x);
Value rsqrt(Value x);
Value sin(Value x);
Value cos(Value x);
Value tanh(Value x);
/// 1 / (1 + exp(-x)), whose derivative overflows nowhere.
Value sigmoid(Value x);
Value is_finite(Value x);  // pred
Value operator~(Value x);  // of bits; of pred: not

Value operator+(Value a, Value b);
Value operator-(Value a, Value b);
Value operator*(Value a, Value b);
Value operator/(Value a, Value b);
Value maximum(Value a, Value b);
Value minimum(Value a, Value b);
Value operator&(Value a, Value b);
Value operator|(Value a, Value b);
Value operator^(Value a, Value b);
Value operator<<(Value a, Value b);  // 0 where b >= 32
Value operator>>(Value a, Value b);  // zeros enter

Value compare(Value a, Comparison comparison, Value b);  // pred
Value select(Value pred, Value if_true, Value if_false);
Value convert(Value x, Type type);

/// A number in all places of x's shape, of its type.
Value filled_like(Value x, double value);

template <Number N>
Value operator+(Value a, N b) {
  return a + filled_like(a, double(b));
}
template <Number N>
Value operator+(N a, Value b) {
  return filled_like(b, double(a)) + b;
}
template <Number N>
Value operator-(Value a, N b) {
  return a - filled_like(a, double(b));
}
template <Number N>
Value operator-(N a, Value b) {
  return filled_like(b, double(a)) - b;
}
template <Number N>
Value operator*(Value a, N b) {
  return a * filled_like(a, double(b));
}
template <Number N>
Value operator*(N a, Value b) {
  return filled_like(b, double(a)) * b;
}
template <Number N>
Value operator/(Value a, N b) {
  return a / filled_like(a, double(b));
}
template <Number N>
Value operator/(N a, Value b) {
  return filled_like(b, double(a)) / b;
}
template <std::integral N>
Value operator&(Value a, N b) {
  return a & filled_like(a, double(b));
}
template <std::integral N>
Value operator|(Value a, N b) {
  return a | filled_like(a, double(b));
}
template <std::integral N>
Value operator^(Value a, N b) {
  return a ^ filled_like(a, double(b));
}
template <std::integral N>
Value operator<<(Value a, N b) {
  return a << filled_like(a, double(b));
}
template <std::integral N>
Value operator>>(Value a, N b) {
  return a >> filled_like(a, double(b));
}
template <Number N>
Value compare(Value a, Comparison comparison, N b) {
  return compare(a, comparison, filled_like(a, double(b)));
}
template <Number N>
Value maximum(Value a, N b) {
  return maximum(a, filled_like(a, double(b)));
}
template <Number N>
Value minimum(Value a, N b) {
  return minimum(a, filled_like(a, double(b)));
}

// Layout.
/// Dimension i of x becomes to[i] of the result: to ascends, and where x's extent is 1 it may be
/// any there.
Value broadcast(Value x, const Extents& dims, const Extents& to);
Value reshape(Value x, const Extents& dims);
/// Dimension i of the result is x's from[i].
Value transpose(Value x, const Extents& from);
Value reverse(Value x, const Extents& dims);
Value slice(Value x, Slice where);
/// With zeros, or with a scalar.
Value pad(Value x, Padding by);
Value pad(Value x, Padding by, Value with);
Value concatenate(std::span<const Value> parts, std::int64_t dim);

// Reductions over dims, which the result has no more.
/// Of bf16 in float32, rounded once.
Value sum(Value x, const Extents& dims);
Value max(Value x, const Extents& dims);  // of floats, as min
Value min(Value x, const Extents& dims);
Value all(Value pred, const Extents& dims);
Value any(Value pred, const Extents& dims);
/// By the window's operation; what lies outside x does not count.
Value reduce_window(Value x, Window window);

// Products. The result's type is the operands', or f32 of bf16.
Value dot_general(Value lhs, Value rhs, DotDims dims, std::optional<Type> result = {});
Value convolution(Value x, Value kernel, Convolution how, std::optional<Type> result = {});

/// The sum over all replicas; x itself where there is one.
Value all_reduce(Value x);

/// x, taken for a constant by derivatives.
Value stop_gradient(Value x);
/// `value`, a function of x element by element, whose derivative is `slope`: where the derivative
/// of the way that it is computed is not what is meant.
Value given_derivative(Value value, Value x, Value slope);

/// The high half of the product of two u32.
Value multiply_high(Value a, Value b);

}  // namespace diffusion::xla
