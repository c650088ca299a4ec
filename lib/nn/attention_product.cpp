#include "lib/nn/attention_product.hpp"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cmath>

#include "lib/base/parallel.hpp"
#include "lib/nn/vec.hpp"

namespace diffusion::nn {
namespace {

constexpr std::int64_t slice = 8;  // channels whose sums stay in registers

constexpr std::int64_t whole(std::int64_t count, std::int64_t of) {
  return (count + of - 1) / of * of;
}

/// One head of one image. Two forms of a tokens x size matrix are used: rows, one
/// token after the other, read a number at a time; and columns, one channel after
/// the other, of which 16 tokens are a vector. Both are filled up with zeros.
struct Head {
  std::int64_t tokens, lane_tokens;  // whole vectors
  std::int64_t size, width;          // whole slices
  std::int64_t channels;             // of all heads
  float scale;

  float binary_scale() const { return scale * 1.44269504088896341f; }  // for powers of 2
  std::int64_t floats() const { return lane_tokens * width; }
};

Head head_of(std::int64_t tokens, std::int64_t channels, std::int64_t heads) {
  assert(channels % heads == 0);
  const std::int64_t size = channels / heads;
  return {tokens,   whole(tokens, lanes),
          size,     whole(size, slice),
          channels, float(1.0 / std::sqrt(double(size)))};
}

/// Tokens in memory, `stride` elements apart.
template <class T>
struct Strided {
  T* data;
  std::int64_t stride;
};

template <class T>
void pack_rows(const Head& head, Strided<const T> from, float* rows) {
  std::fill(rows, rows + head.floats(), 0.0f);
  for (std::int64_t t = 0; t < head.tokens; ++t)
    for (std::int64_t c = 0; c < head.size; ++c)
      rows[t * head.width + c] = widened(from.data[t * from.stride + c]);
}

void columns_of(const Head& head, const float* rows, float* columns) {
  for (std::int64_t c = 0; c < head.width; ++c)
    for (std::int64_t t = 0; t < head.lane_tokens; ++t)
      columns[c * head.lane_tokens + t] = rows[t * head.width + c];
}

/// 16 tokens' sums of a slice of channels, to where they belong.
template <class T>
void unpack(const Head& head, const Vec (&sums)[slice], std::int64_t token, std::int64_t channel,
            Strided<T> to) {
  T tile[slice][lanes];
  for (std::int64_t c = 0; c < slice; ++c) Whole::store(tile[c], sums[c]);
  for (std::int64_t t = 0; t < std::min(lanes, head.tokens - token); ++t)
    for (std::int64_t c = 0; c < std::min(slice, head.size - channel); ++c)
      to.data[(token + t) * to.stride + channel + c] = tile[c][t];
}

/// scores[t] = products of row t with each of the 16 columns from `token` on.
void multiply_tokens(const Head& head, const float* columns, std::int64_t token, const float* rows,
                     float* scores) {
  const std::int64_t tokens = head.tokens, width = head.width;
  for (std::int64_t first = 0; first < width; first += slice) {
    Vec in[slice];
    for (std::int64_t c = 0; c < slice; ++c)
      in[c] = Whole::load(columns + (first + c) * head.lane_tokens + token);
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

/// factor * sum over t of weights[t] row[t], 16 tokens at once, to `to`.
template <class T>
void combine_tokens(const Head& head, const float* weights, const float* rows, Vec factor,
                    std::int64_t token, Strided<T> to) {
  const std::int64_t tokens = head.tokens, width = head.width;
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

/// Of each query: weight = 2^(binary_scale score - peak) * inverse.
struct Softmax {
  float *peak, *inverse;
};

/// Scores of 16 queries to exponentials; what divides them is kept in `softmax`.
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

/// A head's places in qkv or its derivative.
template <class T>
struct Parts {
  Strided<T> q, k, v;
};

template <class T>
Parts<T> parts(T* qkv, std::int64_t channels) {
  return {{qkv, 3 * channels}, {qkv + channels, 3 * channels}, {qkv + 2 * channels, 3 * channels}};
}

std::int64_t forward_floats(const Head& head) { return 3 * head.floats() + head.tokens * lanes; }

template <class T>
void forward_head(const Head& head, const Parts<const T>& x, Strided<T> y, const Softmax& softmax,
                  float* scratch) {
  float *const queries = scratch, *const keys = queries + head.floats();
  float *const values = keys + head.floats(), *const scores = values + head.floats();
  pack_rows(head, x.q, values);
  columns_of(head, values, queries);
  pack_rows(head, x.k, keys);
  pack_rows(head, x.v, values);
  for (std::int64_t query = 0; query < head.tokens; query += lanes) {
    multiply_tokens(head, queries, query, keys, scores);
    const Vec inverse = exponentials(head, scores, query, softmax);
    combine_tokens(head, scores, values, inverse, query, y);
  }
}

/// Both forms of a matrix.
struct Packed {
  float *rows, *columns;
};

struct Backward {
  Packed q, k, v, dy;
  float *scores, *slopes;  // a row of 16 lanes for each token
  float* means;            // of each query: sum of weight times its derivative

  Backward(const Head& head, float* scratch) {
    for (Packed* const matrix : {&q, &k, &v, &dy}) {
      *matrix = {scratch, scratch + head.floats()};
      scratch += 2 * head.floats();
    }
    scores = scratch;
    slopes = scores + head.tokens * lanes;
    means = slopes + head.tokens * lanes;
  }
  static std::int64_t floats(const Head& head) {
    return 8 * head.floats() + 2 * head.tokens * lanes + head.lane_tokens;
  }
};

/// Derivatives with respect to the queries: 16 of them against each key.
template <class T>
void backward_queries(const Head& head, const Backward& b, const Softmax& softmax, Strided<T> dq) {
  const std::int64_t tokens = head.tokens;
  const float scale = head.binary_scale();
  for (std::int64_t query = 0; query < head.tokens; query += lanes) {
    multiply_tokens(head, b.q.columns, query, b.k.rows, b.scores);
    multiply_tokens(head, b.dy.columns, query, b.v.rows, b.slopes);
    const Vec peak = Whole::load(softmax.peak + query);
    const Vec inverse = Whole::load(softmax.inverse + query);
    Vec mean{};
    for (std::int64_t t = 0; t < tokens; ++t) {
      const Vec weight = power_of_2(Whole::load(b.scores + t * lanes) * scale - peak) * inverse;
      mean += weight * Whole::load(b.slopes + t * lanes);
      Whole::store(b.scores + t * lanes, weight);
    }
    Whole::store(b.means + query, mean);
    for (std::int64_t t = 0; t < tokens; ++t)
      Whole::store(b.slopes + t * lanes,
                   Whole::load(b.scores + t * lanes) * (Whole::load(b.slopes + t * lanes) - mean));
    combine_tokens(head, b.slopes, b.k.rows, broadcast(head.scale), query, dq);
  }
}

/// With respect to keys and values: 16 of them against each query.
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
    combine_tokens(head, b.slopes, b.q.rows, broadcast(head.scale), key, dk);
    combine_tokens(head, b.scores, b.dy.rows, broadcast(1), key, dv);
  }
}

template <class T>
void backward_head(const Head& head, const Parts<const T>& x, Strided<const T> dy,
                   const Softmax& softmax, const Parts<T>& dx, float* scratch) {
  const Backward b(head, scratch);
  const auto pack = [&](Strided<const T> from, const Packed& to) {
    pack_rows(head, from, to.rows);
    columns_of(head, to.rows, to.columns);
  };
  pack(x.q, b.q);
  pack(x.k, b.k);
  pack(x.v, b.v);
  pack(dy, b.dy);
  backward_queries(head, b, softmax, dx.q);
  backward_keys(head, b, softmax, dx.k, dx.v);
}

/// Calls body(n, h, scratch) for each head of each image. Scratch is taken here,
/// one piece a thread, so that how many pieces there are depends on no timing.
template <class Body>
void for_each_head(std::int64_t images, std::int64_t heads, std::int64_t scratch_floats,
                   Body&& body) {
  const std::int64_t tasks = images * heads, team = std::min<std::int64_t>(threads(), tasks);
  const Tensor scratch(Dims{team, 1, 1, whole(scratch_floats, lanes)});
  std::atomic<std::int64_t> next = 0;
  parallel_for(std::size_t(team), [&](std::size_t worker) {
    float* const own = scratch.as<float>() + std::int64_t(worker) * scratch.dims().c;
    for (std::int64_t task; (task = next++) < tasks;) body(task / heads, task % heads, own);
  });
}

}  // namespace

Tensor attend(const Tensor& qkv, std::int64_t heads, Tape* tape) {
  const Dims d = qkv.dims();
  const Head head = head_of(d.h * d.w, d.c / 3, heads);
  const Tensor y(Dims{d.n, d.h, d.w, head.channels}, qkv.dtype());
  const Tensor kept(Dims{d.n, heads, 2, head.lane_tokens});
  with_type(qkv.dtype(), [&]<class T>(T) {
    for_each_head(
        d.n, heads, forward_floats(head), [&](std::int64_t n, std::int64_t h, float* scratch) {
          const std::int64_t pixel = n * head.tokens, first = h * head.size;
          float* const peak = kept.as<float>() + (n * heads + h) * 2 * head.lane_tokens;
          forward_head<T>(head, parts<const T>(qkv.as<T>() + pixel * d.c + first, head.channels),
                          {y.as<T>() + pixel * head.channels + first, head.channels},
                          {peak, peak + head.lane_tokens}, scratch);
        });
  });
  if (tape) {
    tape->push(qkv);
    tape->push(kept);
  }
  return y;
}

Tensor attend_backward(const Tensor& dy, std::int64_t heads, Tape& tape) {
  const Tensor kept = tape.pop(), qkv = tape.pop();
  const Dims d = qkv.dims();
  const Head head = head_of(d.h * d.w, d.c / 3, heads);
  const Tensor dqkv(d, qkv.dtype());
  with_type(qkv.dtype(), [&]<class T>(T) {
    for_each_head(
        d.n, heads, Backward::floats(head), [&](std::int64_t n, std::int64_t h, float* scratch) {
          const std::int64_t pixel = n * head.tokens, first = h * head.size;
          float* const peak = kept.as<float>() + (n * heads + h) * 2 * head.lane_tokens;
          backward_head<T>(head, parts<const T>(qkv.as<T>() + pixel * d.c + first, head.channels),
                           {dy.as<T>() + pixel * head.channels + first, head.channels},
                           {peak, peak + head.lane_tokens},
                           parts<T>(dqkv.as<T>() + pixel * d.c + first, head.channels), scratch);
        });
  });
  return dqkv;
}

}  // namespace diffusion::nn
