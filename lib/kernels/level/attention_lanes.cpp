// The kernel for any type: float32 arithmetic on a vector of queries or keys.
#include "lib/kernels/level/level.hpp"
#include "lib/kernels/level/vec.hpp"

namespace diffusion::kernel::DIFFUSION_LEVEL {
namespace {

constexpr std::int64_t slice = 8;  // channels whose sums stay in registers

/// Two forms of a tokens x size matrix are used: rows, one token after the other, read
/// a number at a time; and columns, one channel after the other, read in vectors of
/// tokens. Both are filled up with zeros.
std::int64_t width_of(const Head& head) { return whole(head.size, slice); }
std::int64_t floats_of(const Head& head) { return head.lane_tokens() * width_of(head); }

template <class T>
void pack_rows(const Head& head, Strided<const T> from, float* rows) {
  std::memset(rows, 0, std::size_t(floats_of(head)) * sizeof(float));
  for (std::int64_t t = 0; t < head.tokens; ++t)
    for (std::int64_t c = 0; c < head.size; ++c)
      rows[t * width_of(head) + c] = widened(from.data[t * from.stride + c]);
}

void columns_of(const Head& head, const float* rows, float* columns) {
  for (std::int64_t c = 0; c < width_of(head); ++c)
    for (std::int64_t t = 0; t < head.lane_tokens(); ++t)
      columns[c * head.lane_tokens() + t] = rows[t * width_of(head) + c];
}

/// A vector of tokens' sums of a slice of channels, to where they belong.
template <class T>
void unpack(const Head& head, const Vec (&sums)[slice], std::int64_t token, std::int64_t channel,
            Strided<T> to) {
  T tile[slice][lanes];
  for (std::int64_t c = 0; c < slice; ++c) Whole::store(tile[c], sums[c]);
  for (std::int64_t t = 0; t < smaller(lanes, head.tokens - token); ++t)
    for (std::int64_t c = 0; c < smaller(slice, head.size - channel); ++c)
      to.data[(token + t) * to.stride + channel + c] = tile[c][t];
}

/// scores[t] = products of row t with each of the columns from `token` on.
void multiply_tokens(const Head& head, const float* columns, std::int64_t token, const float* rows,
                     float* scores) {
  const std::int64_t tokens = head.tokens, width = width_of(head);
  for (std::int64_t first = 0; first < width; first += slice) {
    Vec in[slice];
    for (std::int64_t c = 0; c < slice; ++c)
      in[c] = Whole::load(columns + (first + c) * head.lane_tokens() + token);
    for (std::int64_t t = 0; t < tokens; ++t) {
      const float* const row = rows + t * width + first;
      Vec even = row[0] * in[0], odd = row[1] * in[1];
      for (std::int64_t c = 2; c < slice; c += 2) {
        even += row[c] * in[c];
        odd += row[c + 1] * in[c + 1];
      }
      float* const to = scores + t * lanes;
      Whole::store(to, first == 0 ? even + odd : Whole::load(to) + (even + odd));
    }
  }
}

/// factor * sum over t of weights[t] row[t], a vector of tokens at once, to `to`.
template <class T>
void combine_tokens(const Head& head, const float* weights, const float* rows, Vec factor,
                    std::int64_t token, Strided<T> to) {
  const std::int64_t tokens = head.tokens, width = width_of(head);
  for (std::int64_t first = 0; first < width; first += slice) {
    Vec sums[slice] = {};
    for (std::int64_t t = 0; t < tokens; ++t) {
      const Vec weight = Whole::load(weights + t * lanes);
      const float* const row = rows + t * width + first;
      for (std::int64_t c = 0; c < slice; ++c) sums[c] += row[c] * weight;
    }
    for (Vec& sum : sums) sum *= factor;
    unpack(head, sums, token, first, to);
  }
}

/// Scores of a vector of queries to exponentials; what divides them is kept in `softmax`.
Vec exponentials(const Head& head, float* scores, std::int64_t query, const Softmax& softmax) {
  const std::int64_t tokens = head.tokens;
  const float scale = head.binary_scale();
  Vec most = Whole::load(scores);
  for (std::int64_t t = 1; t < tokens; ++t) {
    const Vec score = Whole::load(scores + t * lanes);
    most = score > most ? score : most;
  }
  const Vec peak = most * scale;
  Vec total{};
  for (std::int64_t t = 0; t < tokens; ++t) {
    const Vec e = power_of_2(Whole::load(scores + t * lanes) * scale - peak);
    total += e;
    Whole::store(scores + t * lanes, e);
  }
  const Vec inverse = 1.0f / total;
  Whole::store(softmax.peak + query, peak);
  Whole::store(softmax.inverse + query, inverse);
  return inverse;
}

/// Both forms of a matrix.
struct Packed {
  float *rows, *columns;

  Packed(const Head& head, float* scratch) : rows(scratch), columns(scratch + floats_of(head)) {}
};

struct Backward {
  Packed q, k, v, dy;
  float *scores, *slopes;  // a vector for each token
  float* means;            // of each query: sum of weights times their derivatives

  Backward(const Head& head, float* scratch)
      : q(head, scratch),
        k(head, scratch + 2 * floats_of(head)),
        v(head, scratch + 4 * floats_of(head)),
        dy(head, scratch + 6 * floats_of(head)),
        scores(scratch + 8 * floats_of(head)),
        slopes(scores + head.tokens * lanes),
        means(slopes + head.tokens * lanes) {}
  static std::int64_t floats(const Head& head) {
    return 8 * floats_of(head) + 2 * head.tokens * lanes + head.lane_tokens();
  }
};

/// The sum over keys of weight times dy v is that over channels of dy y.
template <class T>
void find_means(const Head& head, const float* dy_rows, Strided<const T> y, float* means) {
  for (std::int64_t t = 0; t < head.lane_tokens(); ++t) {
    means[t] = 0;
    for (std::int64_t c = 0; t < head.tokens && c < head.size; ++c)
      means[t] += dy_rows[t * width_of(head) + c] * widened(y.data[t * y.stride + c]);
  }
}

/// Derivatives with respect to the queries: a vector of them against each key.
template <class T>
void backward_queries(const Head& head, const Backward& b, const Softmax& softmax, Strided<T> dq) {
  const std::int64_t tokens = head.tokens;
  const float scale = head.binary_scale();
  for (std::int64_t query = 0; query < head.tokens; query += lanes) {
    multiply_tokens(head, b.q.columns, query, b.k.rows, b.scores);
    multiply_tokens(head, b.dy.columns, query, b.v.rows, b.slopes);
    const Vec peak = Whole::load(softmax.peak + query), mean = Whole::load(b.means + query);
    const Vec inverse = Whole::load(softmax.inverse + query);
    for (std::int64_t t = 0; t < tokens; ++t) {
      const Vec weight = power_of_2(Whole::load(b.scores + t * lanes) * scale - peak) * inverse;
      Whole::store(b.slopes + t * lanes, weight * (Whole::load(b.slopes + t * lanes) - mean));
    }
    combine_tokens(head, b.slopes, b.k.rows, broadcast(head.scale()), query, dq);
  }
}

/// With respect to keys and values: a vector of them against each query.
template <class T>
void backward_keys(const Head& head, const Backward& b, const Softmax& softmax, Strided<T> dk,
                   Strided<T> dv) {
  const std::int64_t tokens = head.tokens;
  const float scale = head.binary_scale();
  for (std::int64_t key = 0; key < head.tokens; key += lanes) {
    multiply_tokens(head, b.k.columns, key, b.q.rows, b.scores);
    multiply_tokens(head, b.v.columns, key, b.dy.rows, b.slopes);
    for (std::int64_t t = 0; t < tokens; ++t) {
      const Vec score = Whole::load(b.scores + t * lanes);
      const Vec weight = power_of_2(score * scale - softmax.peak[t]) * softmax.inverse[t];
      Whole::store(b.scores + t * lanes, weight);
      Whole::store(b.slopes + t * lanes, weight * (Whole::load(b.slopes + t * lanes) - b.means[t]));
    }
    combine_tokens(head, b.slopes, b.q.rows, broadcast(head.scale()), key, dk);
    combine_tokens(head, b.scores, b.dy.rows, broadcast(1), key, dv);
  }
}

}  // namespace

template <class T>
std::int64_t LaneAttention<T>::forward_floats(const Head& head) {
  return 3 * floats_of(head) + head.tokens * lanes;
}

template <class T>
std::int64_t LaneAttention<T>::backward_floats(const Head& head) {
  return Backward::floats(head);
}

template <class T>
void LaneAttention<T>::forward(const Head& head, const HeadForward<T>& at, float* scratch) {
  float *const queries = scratch, *const keys = queries + floats_of(head);
  float *const values = keys + floats_of(head), *const scores = values + floats_of(head);
  pack_rows(head, at.x.q, values);
  columns_of(head, values, queries);
  pack_rows(head, at.x.k, keys);
  pack_rows(head, at.x.v, values);
  for (std::int64_t query = 0; query < head.tokens; query += lanes) {
    multiply_tokens(head, queries, query, keys, scores);
    const Vec inverse = exponentials(head, scores, query, at.softmax);
    combine_tokens(head, scores, values, inverse, query, at.y);
  }
}

template <class T>
void LaneAttention<T>::backward(const Head& head, const HeadBackward<T>& at, float* scratch) {
  const Backward b(head, scratch);
  const auto pack = [&](Strided<const T> from, const Packed& to) {
    pack_rows(head, from, to.rows);
    columns_of(head, to.rows, to.columns);
  };
  pack(at.x.q, b.q);
  pack(at.x.k, b.k);
  pack(at.x.v, b.v);
  pack(at.dy, b.dy);
  find_means(head, b.dy.rows, at.y, b.means);
  backward_queries(head, b, at.softmax, at.dx.q);
  backward_keys(head, b, at.softmax, at.dx.k, at.dx.v);
}

template struct LaneAttention<float>;
template struct LaneAttention<BFloat16>;

}  // namespace diffusion::kernel::DIFFUSION_LEVEL
