// Standard normals from Philox blocks by the Box-Muller transform.
#pragma once
#include <cstdint>
#include <span>

#include "lib/rng/philox.hpp"

namespace diffusion {

/// Writes normals first, first + 1, ... of the stream with counters
/// (block, c1, c2, c3), four to a block (Box and Muller 1958):
///   r1 cos a1, r1 sin a1, r2 cos a2, r2 sin a2,
///   r_i = sqrt(-2 log u_i), u_i = (floor(bits/2) + 1/2) 2^-31, a_i = 2 pi bits 2^-32.
/// Only correctly rounded float32 operations in a fixed order are used, so that
/// every machine gives the same bits. |value| < 6.67. first + out.size() <= 2^34.
void fill_normal(std::span<float> out, const PhiloxKey& key, std::uint32_t c1, std::uint32_t c2,
                 std::uint32_t c3, std::uint64_t first = 0);

}  // namespace diffusion
