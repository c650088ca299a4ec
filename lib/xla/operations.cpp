#include "lib/xla/operations.hpp"

#include <algorithm>
#include <cassert>

namespace diffusion::xla {
namespace {

[[maybe_unused]] bool is_float(Type type) { return type == Type::f32 || type == Type::bf16; }

Value unary(Op op, Value x) { return x.program->append({op, {x.id}, {}, x.shape()}); }

Value of_float(Op op, Value x) {
  assert(is_float(x.type()));
  return unary(op, x);
}

/// A scalar in all places of another's shape.
Value spread(Value x, Value other) {
  return x.dims().empty() && !other.dims().empty() ? broadcast(x, other.dims(), {}) : x;
}

Value binary(Op op, Value a, Value b) {
  a = spread(a, b);
  b = spread(b, a);
  assert(a.program == b.program && a.shape() == b.shape());
  return a.program->append({op, {a.id, b.id}, {}, a.shape()});
}

Value arithmetic(Op op, Value a, Value b) {
  assert(a.type() != Type::pred);
  return binary(op, a, b);
}

Value of_bits(Op op, Value a, Value b) {
  assert(!is_float(a.type()));
  return binary(op, a, b);
}

Value of_integers(Op op, Value a, Value b) {
  assert(a.type() == Type::u32 || a.type() == Type::s32);
  return binary(op, a, b);
}

}  // namespace

Value operator-(Value x) { return of_float(Op::negate, x); }
Value sign(Value x) { return of_float(Op::sign, x); }
Value abs(Value x) { return of_float(Op::abs, x); }
Value exp(Value x) { return of_float(Op::exponential, x); }
Value log(Value x) { return of_float(Op::log, x); }
Value sqrt(Value x) { return of_float(Op::sqrt, x); }
Value rsqrt(Value x) { return of_float(Op::rsqrt, x); }
Value sin(Value x) { return of_float(Op::sine, x); }
Value cos(Value x) { return of_float(Op::cosine, x); }
Value tanh(Value x) { return of_float(Op::tanh, x); }
Value sigmoid(Value x) { return of_float(Op::logistic, x); }

Value is_finite(Value x) {
  assert(is_float(x.type()));
  return x.program->append({Op::is_finite, {x.id}, {}, {Type::pred, x.dims()}});
}

Value operator~(Value x) {
  assert(!is_float(x.type()));
  return unary(Op::bit_not, x);
}

Value operator+(Value a, Value b) { return arithmetic(Op::add, a, b); }
Value operator-(Value a, Value b) { return arithmetic(Op::subtract, a, b); }
Value operator*(Value a, Value b) { return arithmetic(Op::multiply, a, b); }
Value operator/(Value a, Value b) { return arithmetic(Op::divide, a, b); }
Value maximum(Value a, Value b) { return arithmetic(Op::maximum, a, b); }
Value minimum(Value a, Value b) { return arithmetic(Op::minimum, a, b); }
Value operator&(Value a, Value b) { return of_bits(Op::bit_and, a, b); }
Value operator|(Value a, Value b) { return of_bits(Op::bit_or, a, b); }
Value operator^(Value a, Value b) { return of_bits(Op::bit_xor, a, b); }
Value operator<<(Value a, Value b) { return of_integers(Op::shift_left, a, b); }
Value operator>>(Value a, Value b) { return of_integers(Op::shift_right_logical, a, b); }

Value compare(Value a, Comparison comparison, Value b) {
  a = spread(a, b);
  b = spread(b, a);
  assert(a.program == b.program && a.shape() == b.shape());
  return a.program->append({Op::compare, {a.id, b.id}, comparison, {Type::pred, a.dims()}});
}

Value select(Value pred, Value if_true, Value if_false) {
  if_true = spread(if_true, pred);
  if_false = spread(if_false, if_true);
  if_true = spread(if_true, if_false);
  pred = spread(pred, if_true);
  assert(pred.type() == Type::pred && pred.dims() == if_true.dims());
  assert(if_true.shape() == if_false.shape());
  return pred.program->append(
      {Op::select, {pred.id, if_true.id, if_false.id}, {}, if_true.shape()});
}

Value convert(Value x, Type type) {
  if (type == x.type()) return x;
  return x.program->append({Op::convert, {x.id}, {}, {type, x.dims()}});
}

Value filled_like(Value x, double value) {
  return broadcast(x.program->constant(x.type(), value), x.dims(), {});
}

Value all_reduce(Value x) {
  return x.program->settings().replicas == 1 ? x : unary(Op::all_reduce, x);
}

Value stop_gradient(Value x) {
  return x.program->append({Op::given_derivative, {x.id}, {}, x.shape()});
}

Value given_derivative(Value value, Value x, Value slope) {
  assert(value.shape() == x.shape() && value.shape() == slope.shape());
  return value.program->append(
      {Op::given_derivative, {value.id, x.id, slope.id}, {}, value.shape()});
}

Value multiply_high(Value a, Value b) {
  const Value a_low = a & 0xFFFF, a_high = a >> 16, b_low = b & 0xFFFF, b_high = b >> 16;
  const Value one = a_high * b_low + (a_low * b_low >> 16);  // below 2^32, as all here
  const Value other = a_low * b_high + (one & 0xFFFF);
  return a_high * b_high + (one >> 16) + (other >> 16);
}

}  // namespace diffusion::xla
