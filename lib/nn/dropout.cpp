#include "lib/nn/dropout.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "lib/base/fnv1a.hpp"
#include "lib/base/parallel.hpp"
#include "lib/nn/vec.hpp"

namespace diffusion::nn {
namespace {

using LongVec [[gnu::vector_size(128)]] = std::uint64_t;

constexpr std::uint32_t all = 1 << 16;
constexpr std::int64_t halves = 8;              // of 16 bits in a block of Philox
constexpr std::int64_t group = lanes * halves;  // elements that as many blocks as lanes serve

/// The four words of blocks first .. first + lanes - 1, side by side.
struct Words {
  WordVec word[4];
};

[[gnu::always_inline]] inline void multiply(std::uint32_t m, WordVec x, WordVec& high,
                                            WordVec& low) {
  const LongVec product = __builtin_convertvector(x, LongVec) * std::uint64_t(m);
  high = __builtin_convertvector(product >> 32, WordVec);
  low = __builtin_convertvector(product, WordVec);
}

Words draw(const PhiloxCounter& first, PhiloxKey k) {
  WordVec c0{}, c1 = first[1] - WordVec{}, c2 = first[2] - WordVec{}, c3 = first[3] - WordVec{};
  for (std::uint32_t i = 0; i < lanes; ++i) c0[i] = first[0] + i;
  for (int round = 0; round < philox_rounds; ++round) {
    WordVec a_high, a_low, b_high, b_low;
    multiply(philox_multiplier[0], c0, a_high, a_low);
    multiply(philox_multiplier[1], c2, b_high, b_low);
    c0 = b_high ^ c1 ^ k[0];
    c2 = a_high ^ c3 ^ k[1];
    c1 = b_low;
    c3 = a_low;
    k = {k[0] + philox_weyl[0], k[1] + philox_weyl[1]};
  }
  return {{c0, c1, c2, c3}};
}

struct Rule {
  std::uint32_t dropped;
  float scale;
};

/// Elements of a group: the block of each is its place modulo `lanes`, and its half of
/// 16 bits its place divided by it, so that nothing has to be moved between lanes.
template <class T>
void drop_group(T* x, std::int64_t count, const Words& words, const Rule& rule) {
  for_each_block(std::min(count, group), [&](std::int64_t at, auto part) {
    const std::int64_t half = at / lanes;
    const WordVec bits = (words.word[half / 2] >> (16 * std::uint32_t(half % 2))) & (all - 1);
    const Vec value = part.load(x + at) * rule.scale;
    part.store(x + at, bits < rule.dropped ? Vec{} : value);
  });
}

}  // namespace

Dropout::Dropout(double rate, std::string_view layer)
    : dropped_(std::uint32_t(std::lround(rate * all))),
      address_(std::uint32_t(fnv1a(layer)) | 1u << 31) {
  assert(rate >= 0 && rate < 1);
  dropped_ = std::min(dropped_, all - 1);
}

void Dropout::forward(const Tensor& x, const Tape* tape) const {
  if (dropped_ == 0 || !tape || !tape->draws) return;
  const auto& [key, first] = *tape->draws;
  const Rule rule{dropped_, float(all) / float(all - dropped_)};
  const auto each = x.dims().h * x.dims().w * x.dims().c, groups = (each + group - 1) / group;
  with_type(x.dtype(), [&]<class T>(T) {
    parallel_ranges(std::size_t(x.dims().n * groups), 64, [&](std::size_t begin, std::size_t end) {
      for (auto i = std::int64_t(begin); i < std::int64_t(end); ++i) {
        const std::int64_t n = i / groups, at = i % groups;
        const std::uint64_t id = first + std::uint64_t(n);
        const Words words = draw(
            {std::uint32_t(at * lanes), address_, std::uint32_t(id), std::uint32_t(id >> 32)}, key);
        drop_group(x.as<T>() + n * each + at * group, each - at * group, words, rule);
      }
    });
  });
}

}  // namespace diffusion::nn
