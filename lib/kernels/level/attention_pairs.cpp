// The kernel for bfloat16 where the processor multiplies pairs of them: in every
// product the numbers that are summed over lie two to a 32-bit word. Weights and their
// derivatives are computed once on the way back and kept for 256 keys at a time, first
// multiplied with 32 queries in the lanes and then summed over the queries.
#ifdef __AVX512BF16__
#include "lib/kernels/level/attention_pairs.hpp"
#include "lib/kernels/level/level.hpp"

namespace diffusion::kernel::DIFFUSION_LEVEL {

using namespace pairs;

namespace {

struct Forward {
  std::uint32_t *q_columns, *k_rows, *v_pairs;
  float* scores;           // of each key against 32 queries
  std::uint32_t* weights;  // their exponentials, rounded

  Forward(const Sizes& s, Scratch scratch)
      : q_columns(scratch.take(s.matrix_words())),
        k_rows(scratch.take(s.matrix_words())),
        v_pairs(scratch.take(s.matrix_words())),
        scores(scratch.take<float>(s.tokens * block)),
        weights(scratch.take(whole(s.tokens, 2) * lanes)) {}
  static std::int64_t floats(const Sizes& s) {
    return 3 * s.matrix_words() + s.tokens * block + whole(s.tokens, 2) * lanes;
  }
};

/// Scores of 32 queries against all keys, and the largest of each query.
Lanes find_scores(const Sizes& s, const Forward& f, std::int64_t query) {
  const Vec least = broadcast(-__builtin_inff());
  const auto larger = [](Vec a, Vec b) { return a > b ? a : b; };
  Lanes most;
  for (std::int64_t channel = 0; channel < s.width; channel += slice) {
    const Columns columns(s, f.q_columns, channel, query);
    const std::uint32_t* row = f.k_rows + channel / 2;
    most = {least, least};  // the last slice's counts, when sums are whole
    for (std::int64_t key = 0, tokens = s.tokens; key < tokens; ++key, row += s.words) {
      float* const to = f.scores + key * block;
      Lanes sums{};
      if (channel > 0) sums = Lanes::load(to);
      add_products(sums, columns, row);
      sums.store(to);
      most = {larger(sums.left, most.left), larger(sums.right, most.right)};
    }
  }
  return most;
}

/// The scores' exponentials, rounded, and their sums.
Lanes find_weights(const Sizes& s, const Forward& f, Lanes peak) {
  const float scale = s.binary_scale;
  Lanes total{};
  for (std::int64_t key = 0, tokens = s.tokens; key < tokens; ++key) {
    const Lanes scores = Lanes::load(f.scores + key * block);
    const Vec left = coarse_power_of_2(scores.left * scale - peak.left);
    const Vec right = coarse_power_of_2(scores.right * scale - peak.right);
    total.left += left;
    total.right += right;
    store(f.weights + key * lanes, rounded(left, right));
  }
  if (s.tokens % 2 == 1) store(f.weights + s.tokens * lanes, Words{});
  return total;
}

struct Backward {
  std::uint32_t *q_columns, *dy_columns, *k_rows, *v_rows, *k_pairs, *across;
  float* means;                     // of each query: sum of weights times their derivatives
  float* dq;                        // sums of each slice of 32 queries
  std::uint32_t *weights, *slopes;  // of each key against 32 queries, a block after the other
  float* partial;                   // of one block

  Backward(const Sizes& s, Scratch scratch)
      : q_columns(scratch.take(s.matrix_words())),
        dy_columns(scratch.take(s.matrix_words())),
        k_rows(scratch.take(s.matrix_words())),
        v_rows(scratch.take(s.matrix_words())),
        k_pairs(scratch.take(s.matrix_words())),
        across(scratch.take(2 * s.matrix_words())),
        means(scratch.take<float>(s.lane_tokens)),
        dq(scratch.take<float>(2 * s.matrix_words())),
        weights(scratch.take(s.lane_tokens * s.keys / 2)),
        slopes(scratch.take(s.lane_tokens * s.keys / 2)),
        partial(scratch.take<float>(s.keys * 2 * block)) {}
  static std::int64_t floats(const Sizes& s) {
    return 9 * s.matrix_words() + s.lane_tokens * (1 + s.keys) + s.keys * 2 * block;
  }
};

void pack(const Sizes& s, const HeadBackward<BFloat16>& at, const Backward& b) {
  std::uint32_t* const y_columns = b.across;  // until the keys need it
  pack_columns(s, at.x.q, b.q_columns);
  pack_columns(s, at.dy, b.dy_columns);
  pack_columns(s, at.y, y_columns);
  pack_rows(s, at.x.k, b.k_rows);
  pack_rows(s, at.x.v, b.v_rows);
  pair_tokens(s, b.k_rows, b.k_pairs);
  // The sum over keys of weight times dy v is that over channels of dy y.
  for (std::int64_t t = 0; t < s.lane_tokens; t += lanes) {
    Vec mean{};
    for (std::int64_t w = 0; w < s.words; ++w) {
      const std::int64_t word = w * s.lane_tokens + t;
      mean = add_products(mean, load(b.dy_columns + word), load(y_columns + word));
    }
    Whole::store(b.means + t, mean);
  }
  turn_across(s, b.q_columns, 0, b.across);
  turn_across(s, b.dy_columns, 1, b.across);
  std::memset(b.dq, 0, std::size_t(2 * s.matrix_words()) * sizeof(float));
}

/// Keys first .. first + count - 1, whose weights are kept.
struct Keys {
  std::int64_t first, count;
};

/// Sums of all slices but the last, where there are several: scores of each key, and
/// products of dy and v less their mean.
void find_partial_sums(const Sizes& s, const Backward& b, Keys keys, std::int64_t query) {
  const Lanes mean = Lanes::load(b.means + query);
  for (std::int64_t channel = 0; channel + slice < s.width; channel += slice) {
    const Columns q(s, b.q_columns, channel, query), dy(s, b.dy_columns, channel, query);
    for (std::int64_t key = 0; key < keys.count; ++key) {
      const std::int64_t row = (keys.first + key) * s.words + channel / 2;
      float* const kept = b.partial + key * 2 * block;
      Lanes scores{}, above{-mean.left, -mean.right};
      if (channel > 0) scores = Lanes::load(kept), above = Lanes::load(kept + block);
      add_products(scores, q, b.k_rows + row);
      add_products(above, dy, b.v_rows + row);
      scores.store(kept);
      above.store(kept + block);
    }
  }
}

/// Weights of 32 queries, and the derivatives with respect to their scores, rounded.
void find_slopes(const Sizes& s, const Backward& b, const Softmax& softmax, Keys keys,
                 std::int64_t query) {
  find_partial_sums(s, b, keys, query);
  const std::int64_t last = s.width - slice;
  const Columns q(s, b.q_columns, last, query), dy(s, b.dy_columns, last, query);
  const Lanes peak = Lanes::load(softmax.peak + query), mean = Lanes::load(b.means + query);
  const Lanes inverse = Lanes::load(softmax.inverse + query);
  const float scale = s.binary_scale;
  std::uint32_t* const weights = b.weights + query / 2 * s.keys;
  std::uint32_t* const slopes = b.slopes + query / 2 * s.keys;
  for (std::int64_t key = 0, count = keys.count; key < count; ++key) {
    const std::int64_t row = (keys.first + key) * s.words + last / 2;
    const float* const kept = b.partial + key * 2 * block;
    Lanes scores{}, above{-mean.left, -mean.right};
    if (last > 0) scores = Lanes::load(kept), above = Lanes::load(kept + block);
    add_products(scores, q, b.k_rows + row);
    add_products(above, dy, b.v_rows + row);
    const Vec left = coarse_power_of_2(scores.left * scale - peak.left) * inverse.left;
    const Vec right = coarse_power_of_2(scores.right * scale - peak.right) * inverse.right;
    store(weights + key * lanes, rounded(left, right));
    store(slopes + key * lanes, rounded(left * above.left, right * above.right));
  }
  if (keys.count % 2 == 1) store(slopes + keys.count * lanes, Words{});
}

/// Adds to the derivatives with respect to 32 queries.
void add_to_queries(const Sizes& s, const Backward& b, Keys keys, std::int64_t query) {
  const std::uint32_t* const slopes = b.slopes + query / 2 * s.keys;
  for (std::int64_t channel = 0; channel < s.width; channel += slice) {
    float* const kept = b.dq + query * s.width + channel * block;
    Sums sums = kept_sums(kept);
    combine(s.width, keys.count, slopes, b.k_pairs + keys.first / 2 * s.width + channel, sums);
    keep_sums(sums, kept);
  }
}

/// Lane i is the sum of the lanes of vector i; each half of the lanes with each other.
Vec sums_of_lanes(const Vec (&v)[lanes]) {
  Vec halves[8], quarters[4], pairs[2];
  const auto of = [&](int i) { return v[4 * (i % 4) + i / 4]; };  // so that they end in order
  for (int i = 0; i < 8; ++i) {
    const Vec a = of(2 * i), b = of(2 * i + 1);
    halves[i] = _mm512_shuffle_f32x4(a, b, 0x44) + _mm512_shuffle_f32x4(a, b, 0xee);
  }
  for (int i = 0; i < 4; ++i) {
    const Vec a = halves[2 * i], b = halves[2 * i + 1];
    quarters[i] = _mm512_shuffle_f32x4(a, b, 0x88) + _mm512_shuffle_f32x4(a, b, 0xdd);
  }
  for (int i = 0; i < 2; ++i) {
    const auto a = __m512d(quarters[2 * i]), b = __m512d(quarters[2 * i + 1]);
    pairs[i] = Vec(_mm512_unpacklo_pd(a, b)) + Vec(_mm512_unpackhi_pd(a, b));
  }
  return _mm512_shuffle_ps(pairs[0], pairs[1], 0x88) + _mm512_shuffle_ps(pairs[0], pairs[1], 0xdd);
}

/// The derivatives with respect to one key and its value.
void finish_key(const Sizes& s, const Backward& b, const Parts<BFloat16>& dx, Keys keys,
                std::int64_t key) {
  const std::int64_t stride = s.keys * lanes;
  Vec factor = broadcast(1);
  for (std::int64_t c = 0; c < slice; ++c) factor[c] = s.scale;
  const std::uint32_t* across = b.across;
  for (std::int64_t channel = 0; channel < s.width; channel += slice) {
    const std::uint32_t *weights = b.weights + key * lanes, *slopes = b.slopes + key * lanes;
    Vec sums[lanes]{};  // a slice of the key's, then of the value's
    for (std::int64_t i = s.blocks; i > 0; --i) {
      const Words slope = load(slopes), weight = load(weights);
#pragma GCC unroll 8
      for (std::int64_t c = 0; c < slice; ++c)
        sums[c] = add_products(sums[c], slope, load(across + c * lanes));
#pragma GCC unroll 8
      for (std::int64_t c = slice; c < lanes; ++c)
        sums[c] = add_products(sums[c], weight, load(across + c * lanes));
      weights += stride;
      slopes += stride;
      across += across_words;
    }
    const HalfVec both = narrowed(sums_of_lanes(sums) * factor);
    BFloat16 rows[2][slice];
    std::memcpy(rows, &both, sizeof both);
    store_slice(s, rows[0], dx.k, keys.first + key, channel);
    store_slice(s, rows[1], dx.v, keys.first + key, channel);
  }
}

}  // namespace

std::int64_t PairAttention::forward_floats(const Head& head) {
  return Forward::floats(Sizes(head));
}

std::int64_t PairAttention::backward_floats(const Head& head) {
  return Backward::floats(Sizes(head));
}

void PairAttention::forward(const Head& head, const HeadForward<BFloat16>& at, float* scratch) {
  const Sizes s(head);
  const Forward f(s, Scratch(scratch));
  pack_columns(s, at.x.q, f.q_columns);
  pack_rows(s, at.x.v, f.k_rows);
  pair_tokens(s, f.k_rows, f.v_pairs);
  pack_rows(s, at.x.k, f.k_rows);
  for (std::int64_t query = 0; query < s.tokens; query += block) {
    Lanes peak = find_scores(s, f, query);
    peak = {peak.left * s.binary_scale, peak.right * s.binary_scale};
    const Lanes total = find_weights(s, f, peak);
    const Lanes inverse{1.0f / total.left, 1.0f / total.right};
    peak.store(at.softmax.peak + query);
    inverse.store(at.softmax.inverse + query);
    for (std::int64_t channel = 0; channel < s.width; channel += slice) {
      Sums sums{};
      combine(s.width, whole(s.tokens, 2), f.weights, f.v_pairs + channel, sums);
      unpack(s, sums, inverse, query, channel, at.y);
    }
  }
}

void PairAttention::backward(const Head& head, const HeadBackward<BFloat16>& at, float* scratch) {
  const Sizes s(head);
  const Backward b(s, Scratch(scratch));
  pack(s, at, b);
  for (std::int64_t first = 0; first < s.tokens; first += most_keys) {
    const Keys keys{first, smaller(most_keys, s.tokens - first)};
    for (std::int64_t query = 0; query < s.tokens; query += block) {
      find_slopes(s, b, at.softmax, keys, query);
      add_to_queries(s, b, keys, query);
    }
    for (std::int64_t key = 0; key < keys.count; ++key) finish_key(s, b, at.dx, keys, key);
  }
  const Lanes factor{broadcast(s.scale), broadcast(s.scale)};
  for (std::int64_t query = 0; query < s.tokens; query += block)
    for (std::int64_t channel = 0; channel < s.width; channel += slice)
      unpack(s, kept_sums(b.dq + query * s.width + channel * block), factor, query, channel,
             at.dx.q);
}

}  // namespace diffusion::kernel::DIFFUSION_LEVEL
#endif
