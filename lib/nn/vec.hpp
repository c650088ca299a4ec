// Sixteen floats at a time, and the functions our own kernels need on them.
#pragma once
#include <cstdint>
#include <cstring>

// Where the instruction set has no registers of this width, GCC warns that the
// calling convention differs between sets; everything here is inlined.
#pragma GCC diagnostic ignored "-Wpsabi"

namespace diffusion::nn {

using Vec [[gnu::vector_size(64)]] = float;
using IntVec [[gnu::vector_size(64)]] = std::int32_t;
constexpr std::int64_t lanes = 16;

[[gnu::always_inline]] inline Vec broadcast(float x) { return x - Vec{}; }

/// A whole vector in memory.
struct Whole {
  [[gnu::always_inline]] static Vec load(const float* from) {
    Vec v;
    std::memcpy(&v, from, sizeof v);
    return v;
  }
  [[gnu::always_inline]] static void store(float* to, Vec v) { std::memcpy(to, &v, sizeof v); }
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
};

/// Calls body(first, Whole or Part) for each block of `lanes` of [0, count).
template <class Body>
void for_each_block(std::int64_t count, Body&& body) {
  std::int64_t first = 0;
  for (; first + lanes <= count; first += lanes) body(first, Whole{});
  if (first < count) body(first, Part{count - first});
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
  p = p * (r * r) + r + 1.0f;
  IntVec bits, power;
  std::memcpy(&bits, &p, sizeof bits);
  std::memcpy(&power, &shifted, sizeof power);
  bits += power << 23;
  std::memcpy(&p, &bits, sizeof p);
  return p;
}

[[gnu::always_inline]] inline Vec sigmoid(Vec x) { return 1.0f / (1.0f + exp(-x)); }

/// The sum of the lanes, halving each time: a fixed order.
[[gnu::always_inline]] inline float sum(Vec v) {
  float x[lanes];
  std::memcpy(x, &v, sizeof x);
  for (std::int64_t width = lanes / 2; width > 0; width /= 2)
    for (std::int64_t i = 0; i < width; ++i) x[i] += x[i + width];
  return x[0];
}

}  // namespace diffusion::nn
