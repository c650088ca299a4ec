// What is drawn from Philox in bulk.
#pragma once
#include <cstdint>

namespace diffusion {

// Salmon et al. 2011, "Parallel Random Numbers: As Easy as 1, 2, 3", Sec. 3.3.
inline constexpr int philox_rounds = 10;
inline constexpr std::uint32_t philox_multiplier[2] = {0xD2511F53, 0xCD9E8D57};
inline constexpr std::uint32_t philox_weyl[2] = {0x9E3779B9, 0xBB67AE85};

namespace kernel {

/// The blocks with counters (0, c1, c2, c3), (1, c1, c2, c3), ...
struct PhiloxStream {
  std::uint32_t key[2], c1, c2, c3;
};

/// A unit of elements has the masks of `drop_lanes` blocks, each of 8 halves of 16 bits: an
/// element's block is its place modulo drop_lanes, and its half its place divided by it.
inline constexpr std::int64_t drop_lanes = 16, drop_unit = 8 * drop_lanes;
inline constexpr std::int64_t drop_group = 2 * drop_unit;  // dropped at once

/// An element whose 16 bits are below `dropped` becomes 0, another is scaled.
struct DropRule {
  std::uint32_t dropped;
  float scale;
};

}  // namespace kernel
}  // namespace diffusion
