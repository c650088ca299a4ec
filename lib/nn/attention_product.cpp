#include "lib/nn/attention_product.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "lib/base/parallel.hpp"
#include "lib/nn/small_products.hpp"
#include "lib/nn/vec.hpp"

namespace diffusion::nn {
namespace {

constexpr std::int64_t block = 32;  // queries at a time: their weights stay in the cache

/// One head of one image.
struct Head {
  std::int64_t tokens, padded, size;  // padded: tokens in whole vectors
  std::int64_t channels;              // of all heads
  float scale;

  std::int64_t row() const { return 3 * channels; }
};

Head head_of(const Dims& qkv, std::int64_t heads) {
  const std::int64_t channels = qkv.c / 3, tokens = qkv.h * qkv.w, size = channels / heads;
  assert(channels % heads == 0);
  return {tokens, (tokens + lanes - 1) / lanes * lanes, size, channels,
          float(1.0 / std::sqrt(double(size)))};
}

/// tokens x size, `row` apart, to size x padded with zeros at the end.
void transpose(const Head& head, const float* from, std::int64_t row, float* to) {
  for (std::int64_t c = 0; c < head.size; ++c) {
    float* const line = to + c * head.padded;
    for (std::int64_t t = 0; t < head.tokens; ++t) line[t] = from[t * row + c];
    std::fill(line + head.tokens, line + head.padded, 0.0f);
  }
}

/// The reverse, scaled.
void transpose_back(const Head& head, const float* from, float scale, float* to) {
  for (std::int64_t t = 0; t < head.tokens; ++t)
    for (std::int64_t c = 0; c < head.size; ++c)
      to[t * head.row() + c] = scale * from[c * head.padded + t];
}

/// One row of scores to softmax(scale scores); what lies past the tokens becomes 0.
void softmax(const Head& head, float* row) {
  std::fill(row + head.tokens, row + head.padded, -std::numeric_limits<float>::max());
  Vec most = Whole::load(row);
  for (std::int64_t t = lanes; t < head.padded; t += lanes) {
    const Vec v = Whole::load(row + t);
    most = v > most ? v : most;
  }
  float top[lanes];
  Whole::store(top, most);
  const float peak = *std::max_element(top, top + lanes) * head.scale;
  Vec total{};
  for (std::int64_t t = 0; t < head.padded; t += lanes) {
    const Vec e = exp(Whole::load(row + t) * head.scale - peak);
    total += e;
    Whole::store(row + t, e);
  }
  const float inverse = 1.0f / sum(total);
  for (std::int64_t t = 0; t < head.padded; t += lanes)
    Whole::store(row + t, Whole::load(row + t) * inverse);
  std::fill(row + head.tokens, row + head.padded, 0.0f);
}

/// Weights of `rows` queries from `q`: rows x padded.
void weights(const Head& head, const float* q, std::int64_t rows, const float* keys, float* out) {
  multiply({rows, head.padded, head.size}, {q, head.row()}, {keys, head.padded}, out, head.padded);
  for (std::int64_t i = 0; i < rows; ++i) softmax(head, out + i * head.padded);
}

/// d(weights) to d(scores), in place: weights (d - sum of weights d).
void softmax_backward(const Head& head, const float* weight, float* d) {
  Vec total{};
  for (std::int64_t t = 0; t < head.padded; t += lanes)
    total += Whole::load(weight + t) * Whole::load(d + t);
  const float mean = sum(total);
  for (std::int64_t t = 0; t < head.padded; t += lanes)
    Whole::store(d + t, Whole::load(weight + t) * (Whole::load(d + t) - mean));
}

void forward_head(const Head& head, const float* q, float* y) {
  const float *const k = q + head.channels, *const v = k + head.channels;
  const Tensor scratch(Dims{1, 1, 2 * head.size + block, head.padded});
  float* const keys = scratch.floats().data();
  float* const values = keys + head.size * head.padded;
  float* const weight = values + head.size * head.padded;
  transpose(head, k, head.row(), keys);
  transpose(head, v, head.row(), values);
  for (std::int64_t t = 0; t < head.tokens; t += block) {
    const std::int64_t rows = std::min(block, head.tokens - t);
    weights(head, q + t * head.row(), rows, keys, weight);
    multiply_rows({rows, head.size, head.padded}, {weight, head.padded}, {values, head.padded},
                  y + t * head.channels, head.channels);
  }
}

void backward_head(const Head& head, const float* dy, const float* q, float* dq) {
  const float *const k = q + head.channels, *const v = k + head.channels;
  const std::int64_t part = head.size * head.padded;
  const Tensor scratch(Dims{1, 1, 4 * head.size + 2 * block, head.padded});
  float* const keys = scratch.floats().data();
  float *const values = keys + part, *const dkeys = values + part, *const dvalues = dkeys + part;
  float *const weight = dvalues + part, *const dscore = weight + block * head.padded;
  transpose(head, k, head.row(), keys);
  transpose(head, v, head.row(), values);
  std::fill(dkeys, dkeys + 2 * part, 0.0f);
  for (std::int64_t t = 0; t < head.tokens; t += block) {
    const std::int64_t rows = std::min(block, head.tokens - t);
    const float *const query = q + t * head.row(), *const above = dy + t * head.channels;
    float* const dquery = dq + t * head.row();
    weights(head, query, rows, keys, weight);
    multiply({rows, head.padded, head.size}, {above, head.channels}, {values, head.padded}, dscore,
             head.padded);
    for (std::int64_t i = 0; i < rows; ++i)
      softmax_backward(head, weight + i * head.padded, dscore + i * head.padded);
    multiply_add({head.size, head.padded, rows}, {above, 1, head.channels}, {weight, head.padded},
                 dvalues, head.padded);
    multiply_add({head.size, head.padded, rows}, {query, 1, head.row()}, {dscore, head.padded},
                 dkeys, head.padded);
    multiply_rows({rows, head.size, head.padded}, {dscore, head.padded}, {keys, head.padded},
                  dquery, head.row());
    for (std::int64_t i = 0; i < rows; ++i)
      for (std::int64_t c = 0; c < head.size; ++c) dquery[i * head.row() + c] *= head.scale;
  }
  transpose_back(head, dkeys, head.scale, dq + head.channels);
  transpose_back(head, dvalues, 1.0f, dq + 2 * head.channels);
}

}  // namespace

Tensor attend(const Tensor& qkv, std::int64_t heads) {
  const Dims d = qkv.dims();
  const Head head = head_of(d, heads);
  Tensor y(Dims{d.n, d.h, d.w, head.channels});
  parallel_for(std::size_t(d.n * heads), [&](std::size_t task) {
    const std::int64_t n = std::int64_t(task) / heads,
                       first = std::int64_t(task) % heads * head.size;
    forward_head(head, qkv.floats().data() + n * head.tokens * head.row() + first,
                 y.floats().data() + n * head.tokens * head.channels + first);
  });
  return y;
}

Tensor attend_backward(const Tensor& dy, const Tensor& qkv, std::int64_t heads) {
  const Dims d = qkv.dims();
  const Head head = head_of(d, heads);
  Tensor dqkv(d);
  parallel_for(std::size_t(d.n * heads), [&](std::size_t task) {
    const std::int64_t n = std::int64_t(task) / heads,
                       first = std::int64_t(task) % heads * head.size;
    const std::int64_t at = n * head.tokens * head.row() + first;
    backward_head(head, dy.floats().data() + n * head.tokens * head.channels + first,
                  qkv.floats().data() + at, dqkv.floats().data() + at);
  });
  return dqkv;
}

}  // namespace diffusion::nn
