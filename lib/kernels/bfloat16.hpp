#pragma once
#include <cstdint>

namespace diffusion {

/// The upper half of a float32: 8 bits of precision over the same range.
struct BFloat16 {
  std::uint16_t bits;
};

[[gnu::always_inline]] inline float widened(float x) { return x; }
[[gnu::always_inline]] inline float widened(BFloat16 x) {
  return __builtin_bit_cast(float, std::uint32_t(x.bits) << 16);
}

}  // namespace diffusion
