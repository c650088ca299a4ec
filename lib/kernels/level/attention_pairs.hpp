// What the attention kernel for pairs of bfloat16 is made of: its layout in memory, two
// numbers to a 32-bit word, how that is packed and unpacked, and its sums in registers.
#pragma once
#ifdef __AVX512BF16__
#include <immintrin.h>

#include "lib/kernels/attention.hpp"
#include "lib/kernels/level/vec.hpp"

// GCC's own headers trip it: bug 105593.
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#pragma GCC diagnostic ignored "-Wuninitialized"

namespace diffusion::kernel::DIFFUSION_LEVEL::pairs {

using Words = __m512i;  // 16 pairs, or 32 bfloat16 in a row

constexpr std::int64_t slice = 8;        // channels whose sums stay in registers
constexpr std::int64_t slice_words = 4;  // a token's
constexpr std::int64_t most_keys = 256;  // whose weights are kept at once
constexpr std::int64_t block = Head::lanes;

/// A head's sizes with what fills up its vectors.
struct Sizes {
  std::int64_t tokens, size;         // as they are
  std::int64_t lane_tokens, blocks;  // whole blocks of queries
  std::int64_t width, words;         // whole slices of channels; pairs of them
  std::int64_t keys;                 // kept at once
  float scale, binary_scale;

  explicit Sizes(const Head& head)
      : tokens(head.tokens),
        size(head.size),
        lane_tokens(head.lane_tokens()),
        blocks(lane_tokens / block),
        width(whole(size, slice)),
        words(width / 2),
        keys(smaller(whole(tokens, 2), most_keys)),
        scale(head.scale()),
        binary_scale(head.binary_scale()) {}

  std::int64_t matrix_words() const { return lane_tokens * words; }
};

inline Words load(const void* from) { return _mm512_load_si512(from); }
inline void store(void* to, Words words) { _mm512_store_si512(to, words); }
inline Words repeated(std::uint32_t word) { return _mm512_set1_epi32(int(word)); }

[[gnu::always_inline]] inline Vec add_products(Vec sum, Words a, Words b) {
  return _mm512_dpbf16_ps(sum, __m512bh(a), __m512bh(b));
}

/// 32 bfloat16 in a row: those of `first`, then those of `second`.
[[gnu::always_inline]] inline Words rounded(Vec first, Vec second) {
  return Words(_mm512_cvtne2ps_pbh(second, first));
}

/// In each quarter of the vectors, rows become columns.
inline void transpose(Words (&v)[slice_words]) {
  const Words a = _mm512_unpacklo_epi32(v[0], v[1]), b = _mm512_unpackhi_epi32(v[0], v[1]);
  const Words c = _mm512_unpacklo_epi32(v[2], v[3]), d = _mm512_unpackhi_epi32(v[2], v[3]);
  v[0] = _mm512_unpacklo_epi64(a, c);
  v[1] = _mm512_unpackhi_epi64(a, c);
  v[2] = _mm512_unpacklo_epi64(b, d);
  v[3] = _mm512_unpackhi_epi64(b, d);
}

/// A slice of a token, zeros past the ends.
inline __m128i load_slice(const Sizes& s, Strided<const BFloat16> from, std::int64_t token,
                          std::int64_t channel) {
  __m128i v = _mm_setzero_si128();
  if (token >= s.tokens) return v;
  const BFloat16* const at = from.data + token * from.stride + channel;
  if (channel + slice <= s.size)
    std::memcpy(&v, at, sizeof v);
  else
    std::memcpy(&v, at, std::size_t(s.size - channel) * sizeof(BFloat16));
  return v;
}

inline void store_slice(const Sizes& s, const void* slice_of, Strided<BFloat16> to,
                        std::int64_t token, std::int64_t channel) {
  if (token >= s.tokens) return;
  BFloat16* const at = to.data + token * to.stride + channel;
  if (channel + slice <= s.size)
    std::memcpy(at, slice_of, slice * sizeof(BFloat16));
  else
    std::memcpy(at, slice_of, std::size_t(s.size - channel) * sizeof(BFloat16));
}

/// Words of pairs of channels; each token's in a row.
inline void pack_rows(const Sizes& s, Strided<const BFloat16> from, std::uint32_t* rows) {
  for (std::int64_t t = 0; t < s.lane_tokens; ++t)
    for (std::int64_t c = 0; c < s.width; c += slice) {
      const __m128i v = load_slice(s, from, t, c);
      std::memcpy(rows + t * s.words + c / 2, &v, sizeof v);
    }
}

/// The same words, each pair of channels' in a row.
inline void pack_columns(const Sizes& s, Strided<const BFloat16> from, std::uint32_t* columns) {
  for (std::int64_t t = 0; t < s.lane_tokens; t += lanes)
    for (std::int64_t c = 0; c < s.width; c += slice) {
      Words words[slice_words];
      for (std::int64_t i = 0; i < 4; ++i) {
        const auto row = [&](std::int64_t quarter) {
          return load_slice(s, from, t + 4 * quarter + i, c);
        };
        words[i] = _mm512_castsi128_si512(row(0));
        words[i] = _mm512_inserti32x4(words[i], row(1), 1);
        words[i] = _mm512_inserti32x4(words[i], row(2), 2);
        words[i] = _mm512_inserti32x4(words[i], row(3), 3);
      }
      transpose(words);
      for (std::int64_t i = 0; i < slice_words; ++i)
        store(columns + (c / 2 + i) * s.lane_tokens + t, words[i]);
    }
}

/// Words of a channel of two tokens, one channel after the other.
inline void pair_tokens(const Sizes& s, const std::uint32_t* rows, std::uint32_t* pairs) {
  const std::int64_t words = s.words;
  for (std::int64_t t = 0; t < s.lane_tokens; t += 2)
    for (std::int64_t w = 0; w < words; w += slice_words) {
      __m128i first, second;
      std::memcpy(&first, rows + t * words + w, sizeof first);
      std::memcpy(&second, rows + (t + 1) * words + w, sizeof second);
      const __m128i low = _mm_unpacklo_epi16(first, second);
      const __m128i high = _mm_unpackhi_epi16(first, second);
      std::uint32_t* const to = pairs + t * words + 2 * w;
      std::memcpy(to, &low, sizeof low);
      std::memcpy(to + 4, &high, sizeof high);
    }
}

/// What is summed over queries for a key: of each slice, and then of each block of
/// queries, a slice of q and one of dy, each channel's 32 queries in a row.
constexpr std::int64_t across_words = 2 * slice * lanes;

/// Writes q (part 0) or dy (part 1), from their columns.
inline void turn_across(const Sizes& s, const std::uint32_t* columns, std::int64_t part,
                        std::uint32_t* across) {
  for (std::int64_t w = 0; w < s.words; ++w)
    for (std::int64_t i = 0; i < s.blocks; ++i) {
      const std::uint32_t* const from = columns + w * s.lane_tokens + i * block;
      const Words a = load(from), b = load(from + lanes);
      const auto halves = [](Words x, Words y) {
        return _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtepi32_epi16(x)),
                                  _mm512_cvtepi32_epi16(y), 1);
      };
      std::uint32_t* const to = across + (w / slice_words * s.blocks + i) * across_words +
                                (part * slice + 2 * (w % slice_words)) * lanes;
      store(to, halves(a, b));
      store(to + lanes, halves(_mm512_srli_epi32(a, 16), _mm512_srli_epi32(b, 16)));
    }
}

/// 32 queries: in halves, to a vector each.
struct Lanes {
  Vec left, right;

  static Lanes load(const float* from) { return {Whole::load(from), Whole::load(from + lanes)}; }
  void store(float* to) const {
    Whole::store(to, left);
    Whole::store(to + lanes, right);
  }
};

/// A slice of the channels of 32 tokens.
struct Columns {
  Words left[slice_words], right[slice_words];

  Columns(const Sizes& s, const std::uint32_t* columns, std::int64_t channel, std::int64_t token) {
    for (std::int64_t w = 0; w < slice_words; ++w) {
      const std::uint32_t* const from = columns + (channel / 2 + w) * s.lane_tokens + token;
      left[w] = load(from);
      right[w] = load(from + lanes);
    }
  }
};

/// Adds a row's products with the columns.
[[gnu::always_inline]] inline void add_products(Lanes& sums, const Columns& columns,
                                                const std::uint32_t* row) {
#pragma GCC unroll 4
  for (std::int64_t w = 0; w < slice_words; ++w) {
    const Words pair = repeated(row[w]);
    sums.left = add_products(sums.left, pair, columns.left[w]);
    sums.right = add_products(sums.right, pair, columns.right[w]);
  }
}

/// Sums of 32 queries for a slice of channels. Pairs of tokens were made within
/// quarters of a vector, so that the queries' order is that of `unpack` below.
struct Sums {
  Vec low[slice], high[slice];
};

inline Sums kept_sums(const float* from) {
  Sums sums;
  for (std::int64_t c = 0; c < slice; ++c) {
    sums.low[c] = Whole::load(from + c * block);
    sums.high[c] = Whole::load(from + c * block + lanes);
  }
  return sums;
}

inline void keep_sums(const Sums& sums, float* to) {
  for (std::int64_t c = 0; c < slice; ++c) {
    Whole::store(to + c * block, sums.low[c]);
    Whole::store(to + c * block + lanes, sums.high[c]);
  }
}

/// Adds the keys' weights (32 bfloat16 each) times their pairs, `width` words apart.
inline void combine(std::int64_t width, std::int64_t keys, const std::uint32_t* weights,
                    const std::uint32_t* pairs, Sums& to) {
  Sums sums = to;
  for (; keys > 0; keys -= 2, weights += 2 * lanes, pairs += width) {
    const Words first = load(weights), second = load(weights + lanes);
    const Words low = _mm512_unpacklo_epi16(first, second);
    const Words high = _mm512_unpackhi_epi16(first, second);
#pragma GCC unroll 8
    for (std::int64_t c = 0; c < slice; ++c) {
      const Words pair = repeated(pairs[c]);
      sums.low[c] = add_products(sums.low[c], pair, low);
      sums.high[c] = add_products(sums.high[c], pair, high);
    }
  }
  to = sums;
}

/// factor * sums, as rows of 32 queries from `token` on.
inline void unpack(const Sizes& s, const Sums& sums, const Lanes& factor, std::int64_t token,
                   std::int64_t channel, Strided<BFloat16> to) {
  const Words order[2] = {_mm512_set_epi64(11, 10, 3, 2, 9, 8, 1, 0),
                          _mm512_set_epi64(15, 14, 7, 6, 13, 12, 5, 4)};
  const Words interleave =
      _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6,
                       21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  for (std::int64_t half = 0; half < 2; ++half) {
    const auto channel_of = [&](std::int64_t c) {
      const Words ordered =
          _mm512_permutex2var_epi64(Words(sums.low[c]), order[half], Words(sums.high[c]));
      return Vec(ordered) * (half == 0 ? factor.left : factor.right);
    };
    Words words[slice_words];
    for (std::int64_t w = 0; w < slice_words; ++w)
      words[w] =
          _mm512_permutexvar_epi16(interleave, rounded(channel_of(2 * w), channel_of(2 * w + 1)));
    transpose(words);
    alignas(64) std::uint32_t tile[slice_words][lanes];
    for (std::int64_t w = 0; w < slice_words; ++w) store(tile[w], words[w]);
    for (std::int64_t t = 0; t < lanes; ++t)
      store_slice(s, tile[t % 4] + t / 4 * 4, to, token + half * lanes + t, channel);
  }
}

/// Pieces of a kernel's scratch, one after the other.
class Scratch {
 public:
  explicit Scratch(float* begin) : at_(begin) {}

  template <class T = std::uint32_t>
  T* take(std::int64_t words) {
    T* const piece = reinterpret_cast<T*>(at_);
    at_ += whole(words, lanes);
    return piece;
  }

 private:
  float* at_;
};

}  // namespace diffusion::kernel::DIFFUSION_LEVEL::pairs
#endif
