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

/// Elements whose masks as many blocks as a vector has lanes serve; a block has 8 halves of
/// 16 bits.
inline constexpr std::int64_t drop_lanes = 16, drop_group = 8 * drop_lanes;

/// An element whose 16 bits are below `dropped` becomes 0, another is scaled.
struct DropRule {
  std::uint32_t dropped;
  float scale;
};

}  // namespace kernel
}  // namespace diffusion
