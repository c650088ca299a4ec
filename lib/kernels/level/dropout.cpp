// Dropout's masks, by 16 blocks of Philox side by side.
#include "lib/kernels/level/level.hpp"
#include "lib/kernels/level/vec.hpp"

namespace diffusion::kernel::DIFFUSION_LEVEL {
namespace {

using LongVec [[gnu::vector_size(128)]] = std::uint64_t;

/// The four words of as many blocks as lanes, side by side.
struct Words {
  WordVec word[4];
};

[[gnu::always_inline]] inline void multiply_words(std::uint32_t m, WordVec x, WordVec& high,
                                                  WordVec& low) {
  const LongVec product = __builtin_convertvector(x, LongVec) * std::uint64_t(m);
  high = __builtin_convertvector(product >> 32, WordVec);
  low = __builtin_convertvector(product, WordVec);
}

[[gnu::always_inline]] inline Words draw(const PhiloxStream& stream, std::uint32_t block) {
  WordVec c0{}, c1 = stream.c1 - WordVec{}, c2 = stream.c2 - WordVec{}, c3 = stream.c3 - WordVec{};
  for (std::uint32_t i = 0; i < lanes; ++i) c0[i] = block + i;
  std::uint32_t k0 = stream.key[0], k1 = stream.key[1];
  for (int round = 0; round < philox_rounds; ++round) {
    WordVec a_high, a_low, b_high, b_low;
    multiply_words(philox_multiplier[0], c0, a_high, a_low);
    multiply_words(philox_multiplier[1], c2, b_high, b_low);
    c0 = b_high ^ c1 ^ k0;
    c2 = a_high ^ c3 ^ k1;
    c1 = b_low;
    c3 = a_low;
    k0 += philox_weyl[0];
    k1 += philox_weyl[1];
  }
  return {{c0, c1, c2, c3}};
}

}  // namespace

// Nothing has to be moved between lanes.
template <class T>
void drop(const PhiloxStream& stream, std::uint32_t block, const DropRule& rule, std::int64_t count,
          T* x) {
  static_assert(lanes == drop_lanes);
  const Words words = draw(stream, block);
  for_each_block(count, [&](std::int64_t at, auto part) {
    const std::int64_t half = at / lanes;
    const WordVec bits = (words.word[half / 2] >> (16 * std::uint32_t(half % 2))) & 0xffffu;
    const Vec value = part.load(x + at) * rule.scale;
    part.store(x + at, bits < rule.dropped ? Vec{} : value);
  });
}

template void drop(const PhiloxStream&, std::uint32_t, const DropRule&, std::int64_t, float*);
template void drop(const PhiloxStream&, std::uint32_t, const DropRule&, std::int64_t, BFloat16*);

}  // namespace diffusion::kernel::DIFFUSION_LEVEL
