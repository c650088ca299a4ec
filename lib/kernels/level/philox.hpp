// Blocks of Philox side by side.
#pragma once
#include "lib/kernels/random.hpp"

namespace diffusion::kernel::DIFFUSION_LEVEL {

/// All loops over blocks are independent, so that compilers vectorise them at any width;
/// loops of 16 or fewer GCC 12 unrolls before it looks for vectors, and the products then
/// stay scalar.
constexpr int blocks = 32;
template <class T>
struct alignas(64) EachBlock {
  T value[blocks];
  [[gnu::always_inline]] T& operator[](int i) { return value[i]; }
  [[gnu::always_inline]] const T& operator[](int i) const { return value[i]; }
};
using Words = EachBlock<std::uint32_t>;
using Floats = EachBlock<float>;

[[gnu::always_inline]] inline void multiply(std::uint32_t m, const Words& x, Words& high,
                                            Words& low) {
  for (int i = 0; i < blocks; ++i) {
    const std::uint64_t product = std::uint64_t(m) * x[i];
    high[i] = std::uint32_t(product >> 32);
    low[i] = std::uint32_t(product);
  }
}

/// The four words of blocks first, first + 1, ...
[[gnu::always_inline]] inline void philox(const PhiloxStream& stream, std::uint32_t first,
                                          Words (&c)[4]) {
  for (int i = 0; i < blocks; ++i) {
    c[0][i] = first + std::uint32_t(i);
    c[1][i] = stream.c1;
    c[2][i] = stream.c2;
    c[3][i] = stream.c3;
  }
  std::uint32_t k0 = stream.key[0], k1 = stream.key[1];
  for (int round = 0; round < philox_rounds; ++round) {
    Words a_high, a_low, b_high, b_low;
    multiply(philox_multiplier[0], c[0], a_high, a_low);
    multiply(philox_multiplier[1], c[2], b_high, b_low);
    for (int i = 0; i < blocks; ++i) {
      c[0][i] = b_high[i] ^ c[1][i] ^ k0;
      c[2][i] = a_high[i] ^ c[3][i] ^ k1;
    }
    c[1] = b_low;
    c[3] = a_low;
    k0 += philox_weyl[0];
    k1 += philox_weyl[1];
  }
}

}  // namespace diffusion::kernel::DIFFUSION_LEVEL
