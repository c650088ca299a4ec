// Philox4x32-10: random numbers as a pure function of (key, counter).
// Salmon et al. 2011, "Parallel Random Numbers: As Easy as 1, 2, 3", Sec. 3.3.
#pragma once
#include <array>
#include <cstdint>

#include "lib/kernels/random.hpp"

namespace diffusion {

using PhiloxCounter = std::array<std::uint32_t, 4>;
using PhiloxKey = std::array<std::uint32_t, 2>;

constexpr PhiloxCounter philox4x32(PhiloxCounter c, PhiloxKey k) {
  for (int round = 0; round < philox_rounds; ++round) {
    const std::uint64_t a = std::uint64_t(philox_multiplier[0]) * c[0];
    const std::uint64_t b = std::uint64_t(philox_multiplier[1]) * c[2];
    c = {std::uint32_t(b >> 32) ^ c[1] ^ k[0], std::uint32_t(b),
         std::uint32_t(a >> 32) ^ c[3] ^ k[1], std::uint32_t(a)};
    k = {k[0] + philox_weyl[0], k[1] + philox_weyl[1]};
  }
  return c;
}

}  // namespace diffusion
