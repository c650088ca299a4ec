// What stands between two maps: functions of each element, and their slopes.
#pragma once
#include "lib/kernels/level/vec.hpp"
#include "lib/kernels/norm.hpp"

namespace diffusion::kernel::DIFFUSION_LEVEL {

/// erf, by the fraction of xla/formulas.cpp, which is fitted to 2e-8 of it.
[[gnu::always_inline]] inline Vec error_function(Vec x) {
  const Vec low = broadcast(-3.92f), high = broadcast(3.92f);
  x = x < low ? low : x;
  x = x > high ? high : x;
  const Vec s = x * x;
  Vec p = s * 2.0501079234236386e-06f + 0.0002848828153219074f;
  p = p * s + 0.003765575820580125f;
  p = p * s + 0.05274859443306923f;
  p = p * s + 0.19040536880493164f;
  p = p * s + 1.1283791065216064f;
  Vec q = s * 3.8091937312856317e-05f + 0.0011625275947153568f;
  q = q * s + 0.014969131909310818f;
  q = q * s + 0.11410867422819138f;
  q = q * s + 0.5020750761032104f;
  q = q * s + 1.0f;
  return x * p / q;
}

/// With e = e^x, tanh(log(1 + e)) = n / (n + 2), n = e (e + 2). Beyond 20 that is 1 in float32.
struct Mish {
  Vec e, n;
  [[gnu::always_inline]] explicit Mish(Vec x) {
    const Vec high = broadcast(20.0f);
    e = exp(x > high ? high : x);
    n = e * (e + 2.0f);
  }
};

/// As exact as results of type T are.
template <Activation activation, class T>
[[gnu::always_inline]] inline Vec activated(Vec x) {
  if constexpr (activation == Activation::silu) return x * sigmoid_for<T>(x);
  if constexpr (activation == Activation::mish) {
    const Mish at(x);
    return x * (at.n / (at.n + 2.0f));
  }
  if constexpr (activation == Activation::gelu)
    return x * 0.5f * (error_function(x * 0.707106781186547524f) + 1.0f);
  if constexpr (activation == Activation::relu) return at_least(0.0f, x);
  return x;
}

/// d times the slope at x.
template <Activation activation, class T>
[[gnu::always_inline]] inline Vec through_slope(Vec x, Vec d) {
  if constexpr (activation == Activation::silu) {
    const Vec s = sigmoid_for<T>(x);
    return d * (s + x * s * (1.0f - s));
  }
  if constexpr (activation == Activation::mish) {
    const Mish at(x);
    const Vec share = 1.0f / (at.n + 2.0f);
    return d * (at.n * share + x * (4.0f * at.e * (1.0f + at.e) * share * share));
  }
  if constexpr (activation == Activation::gelu) {
    const Vec density = exp(x * x * -0.5f) * 0.398942280401432678f;
    return d * (0.5f * (error_function(x * 0.707106781186547524f) + 1.0f) + x * density);
  }
  if constexpr (activation == Activation::relu) return x > 0.0f ? d : Vec{};
  return d;
}

/// Calls function(std::integral_constant of the activation).
template <class Function>
[[gnu::always_inline]] inline void with_activation(Activation activation, Function&& function) {
  using enum Activation;
  switch (activation) {
    case none:
      return function(std::integral_constant<Activation, none>{});
    case silu:
      return function(std::integral_constant<Activation, silu>{});
    case mish:
      return function(std::integral_constant<Activation, mish>{});
    case gelu:
      return function(std::integral_constant<Activation, gelu>{});
    case relu:
      return function(std::integral_constant<Activation, relu>{});
  }
}

}  // namespace diffusion::kernel::DIFFUSION_LEVEL
