// A vector of floats, and the functions our own kernels need on them. Like all of this
// folder it is compiled once for each instruction set, in a namespace of the level's name.
#pragma once
#include <cstdint>
#include <cstring>
#include <type_traits>
#ifdef __AVX512F__
#include <immintrin.h>
#endif

#include "lib/kernels/bfloat16.hpp"

namespace diffusion::kernel::DIFFUSION_LEVEL {

// As wide as the level's registers: wider ones GCC takes apart by way of memory.
#if defined(__AVX512F__)
constexpr std::int64_t lanes = 16, registers = 32;
#elif defined(__AVX2__)
constexpr std::int64_t lanes = 8, registers = 16;
#elif defined(__x86_64__)
constexpr std::int64_t lanes = 4, registers = 16;
#else
constexpr std::int64_t lanes = 4, registers = 32;
#endif

using Vec [[gnu::vector_size(4 * lanes)]] = float;
using IntVec [[gnu::vector_size(4 * lanes)]] = std::int32_t;
using HalfVec [[gnu::vector_size(2 * lanes)]] = std::uint16_t;
using WordVec [[gnu::vector_size(4 * lanes)]] = std::uint32_t;

[[gnu::always_inline]] inline std::int64_t smaller(std::int64_t a, std::int64_t b) {
  return a < b ? a : b;
}

/// Exact.
[[gnu::always_inline]] inline Vec widened(HalfVec v) {
  const WordVec bits = __builtin_convertvector(v, WordVec) << 16;
  Vec x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

using diffusion::widened;

/// To the nearest bfloat16, ties to even. A NaN stays one: rounding must not carry
/// into its exponent. Numbers below 2^-126 become zero where the processor rounds.
[[gnu::always_inline]] inline HalfVec narrowed(Vec x) {
#ifdef __AVX512BF16__
  const auto rounded = _mm512_cvtneps_pbh(x);
  HalfVec half;
  std::memcpy(&half, &rounded, sizeof half);
  return half;
#else
  WordVec bits;
  std::memcpy(&bits, &x, sizeof bits);
  const WordVec rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  const WordVec quiet = (bits >> 16) | 0x40u;
  return __builtin_convertvector(x == x ? rounded : quiet, HalfVec);
#endif
}

[[gnu::always_inline]] inline Vec broadcast(float x) { return x - Vec{}; }

/// A whole vector in memory.
struct Whole {
  [[gnu::always_inline]] static Vec load(const float* from) {
    Vec v;
    std::memcpy(&v, from, sizeof v);
    return v;
  }
  [[gnu::always_inline]] static void store(float* to, Vec v) { std::memcpy(to, &v, sizeof v); }
  [[gnu::always_inline]] static Vec load(const BFloat16* from) {
    HalfVec v;
    std::memcpy(&v, from, sizeof v);
    return widened(v);
  }
  [[gnu::always_inline]] static void store(BFloat16* to, Vec v) {
    const HalfVec half = narrowed(v);
    std::memcpy(to, &half, sizeof half);
  }
};

/// The first `count` lanes of a vector; the others read as zero.
struct Part {
  std::int64_t count;
  [[gnu::always_inline]] Vec load(const float* from) const {
    Vec v{};
    std::memcpy(&v, from, std::size_t(count) * sizeof(float));
    return v;
  }
  [[gnu::always_inline]] void store(float* to, Vec v) const {
    std::memcpy(to, &v, std::size_t(count) * sizeof(float));
  }
  [[gnu::always_inline]] Vec load(const BFloat16* from) const {
    HalfVec v{};
    std::memcpy(&v, from, std::size_t(count) * sizeof(BFloat16));
    return widened(v);
  }
  [[gnu::always_inline]] void store(BFloat16* to, Vec v) const {
    const HalfVec half = narrowed(v);
    std::memcpy(to, &half, std::size_t(count) * sizeof(BFloat16));
  }
};

/// Calls body(first, Whole or Part) for each block of `lanes` of [0, count).
template <class Body>
[[gnu::always_inline]] inline void for_each_block(std::int64_t count, Body&& body) {
  std::int64_t first = 0;
  for (; first + lanes <= count; first += lanes) body(first, Whole{});
  if (first < count) body(first, Part{count - first});
}

/// `x`, or `low` if that is more; a NaN stays.
[[gnu::always_inline]] inline Vec at_least(float low, Vec x) {
#ifdef __AVX512F__
  return _mm512_mask_max_ps(x, 0xffff, broadcast(low), x);
#else
  return broadcast(low) > x ? broadcast(low) : x;
#endif
}

/// x with n added to the exponent, where `shifted` is n + 1.5 * 2^23.
[[gnu::always_inline]] inline Vec shifted_exponent(Vec x, Vec shifted) {
  IntVec bits, power;
  std::memcpy(&bits, &x, sizeof bits);
  std::memcpy(&power, &shifted, sizeof power);
  bits += power << 23;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

/// e^x within 2 units in the last place: Cephes' polynomial on |r| <= log(2)/2.
/// Inputs are clamped to [-87, 88]: e^-87 = 1.6e-38 stands for all below.
[[gnu::always_inline]] inline Vec exp(Vec x) {
  const Vec low = broadcast(-87.0f), high = broadcast(88.0f);
  x = x < low ? low : x;
  x = x > high ? high : x;
  const Vec magic = broadcast(12582912.0f);  // 1.5 * 2^23: the sum's last bit is worth one
  const Vec shifted = x * 1.44269504088896341f + magic;
  const Vec n = shifted - magic;
  const Vec r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
  Vec p = r * 1.9875691500e-4f + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  return shifted_exponent(p * (r * r) + r + 1.0f, shifted);
}

/// 2^x within 3 units in the last place, for x below 127: a polynomial of degree 5
/// that is within 7.5e-8 of 2^r on |r| <= 1/2. 2^-126 stands for all below.
[[gnu::always_inline]] inline Vec power_of_2(Vec x) {
  x = at_least(-126.0f, x);
  const Vec shifted = x + 12582912.0f;  // 1.5 * 2^23: the sum's last bit is worth one
  const Vec r = x - (shifted - 12582912.0f);
  Vec p = r * 1.327647129e-3f + 9.675540961e-3f;
  p = p * r + 5.550713092e-2f;
  p = p * r + 2.402212024e-1f;
  p = p * r + 6.931469440e-1f;
  return shifted_exponent(p * r + 1.000000119f, shifted);
}

/// 2^x within 7.5e-5 of it, for results that are rounded to bfloat16 (2^-9 = 2e-3).
[[gnu::always_inline]] inline Vec coarse_power_of_2(Vec x) {
  x = at_least(-126.0f, x);
  const Vec shifted = x + 12582912.0f;
  const Vec r = x - (shifted - 12582912.0f);
  Vec p = r * 5.517165e-2f + 2.4261138e-1f;
  p = p * r + 6.9326101e-1f;
  return shifted_exponent(p * r + 9.9992806e-1f, shifted);
}

[[gnu::always_inline]] inline Vec sigmoid(Vec x) { return 1.0f / (1.0f + exp(-x)); }

/// Within 2e-4 of itself where x > -44, and 8e-20 below: for results that are rounded
/// to bfloat16. A NaN stays.
[[gnu::always_inline]] inline Vec coarse_sigmoid(Vec x) {
  const Vec inverse = 1.0f + coarse_power_of_2(-at_least(-44.0f, x) * 1.44269504f);
#ifdef __AVX512F__
  return _mm512_maskz_rcp14_ps(0xffff, inverse);
#else
  return 1.0f / inverse;
#endif
}

/// The sigmoid, as exact as results of type T are.
template <class T>
[[gnu::always_inline]] inline Vec sigmoid_for(Vec x) {
  if constexpr (std::is_same_v<T, BFloat16>)
    return coarse_sigmoid(x);
  else
    return sigmoid(x);
}

/// The sum of the lanes, halving each time: a fixed order.
[[gnu::always_inline]] inline float sum(Vec v) {
  float x[lanes];
  std::memcpy(x, &v, sizeof x);
  for (std::int64_t width = lanes / 2; width > 0; width /= 2)
    for (std::int64_t i = 0; i < width; ++i) x[i] += x[i + width];
  return x[0];
}

}  // namespace diffusion::kernel::DIFFUSION_LEVEL
