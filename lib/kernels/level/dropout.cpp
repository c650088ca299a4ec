// Dropout's masks, by 32 blocks of Philox side by side.
#include <cstring>

#include "lib/kernels/level/level.hpp"
#include "lib/kernels/level/philox.hpp"
#include "lib/kernels/level/vec.hpp"

namespace diffusion::kernel::DIFFUSION_LEVEL {

template <class T>
void drop(const PhiloxStream& stream, std::uint32_t block, const DropRule& rule, std::int64_t count,
          T* x) {
  static_assert(drop_group == blocks * 8 && drop_lanes % lanes == 0);
  Words words[4];
  philox(stream, block, words);
  for_each_block(
      count, [&](std::int64_t at, auto part) __attribute__((always_inline)) {
        const std::int64_t unit = at / drop_unit, place = at % drop_unit;
        const std::int64_t half = place / drop_lanes, lane = unit * drop_lanes + place % drop_lanes;
        WordVec bits;
        std::memcpy(&bits, words[half / 2].value + lane, sizeof bits);
        bits = (bits >> (16 * std::uint32_t(half % 2))) & 0xffffu;
        const Vec value = part.load(x + at) * rule.scale;
        part.store(x + at, bits < rule.dropped ? Vec{} : value);
      });
}

template void drop(const PhiloxStream&, std::uint32_t, const DropRule&, std::int64_t, float*);
template void drop(const PhiloxStream&, std::uint32_t, const DropRule&, std::int64_t, BFloat16*);

}  // namespace diffusion::kernel::DIFFUSION_LEVEL
