// One head of attention in one image, as the kernels that compute it see it.
#pragma once
#include <cmath>
#include <cstdint>

#include "lib/nn/tensor.hpp"

namespace diffusion::nn {

/// `count` and what is missing to a multiple of `of`.
constexpr std::int64_t whole(std::int64_t count, std::int64_t of) {
  return (count + of - 1) / of * of;
}

struct Head {
  std::int64_t tokens, size;  // H x W; channels of this head
  std::int64_t channels;      // of all heads

  static constexpr std::int64_t lanes = 32;  // queries whose softmax a kernel computes at once
  std::int64_t lane_tokens() const { return whole(tokens, lanes); }
  float scale() const { return float(1.0 / std::sqrt(double(size))); }
  float binary_scale() const { return scale() * 1.44269504088896341f; }  // for powers of 2
};

/// Tokens in memory, `stride` elements apart, `Head::size` elements each.
template <class T>
struct Strided {
  T* data;
  std::int64_t stride;
};

/// A head's places in qkv or its derivative.
template <class T>
struct Parts {
  Strided<T> q, k, v;

  static Parts of(T* qkv, std::int64_t channels) {
    return {
        {qkv, 3 * channels}, {qkv + channels, 3 * channels}, {qkv + 2 * channels, 3 * channels}};
  }
};

/// Of each query, lane_tokens of them: weight = 2^(binary_scale score - peak) * inverse.
struct Softmax {
  float *peak, *inverse;
};

template <class T>
struct HeadForward {
  Parts<const T> x;
  Strided<T> y;
  Softmax softmax;  // computed too
};

template <class T>
struct HeadBackward {
  Parts<const T> x;
  Strided<const T> y, dy;
  Softmax softmax;
  Parts<T> dx;
};

/// By 16 lanes of float32, whatever the type in memory.
template <class T>
struct LaneKernel {
  static std::int64_t forward_floats(const Head& head);  // of scratch, 64-byte aligned
  static std::int64_t backward_floats(const Head& head);
  static void forward(const Head& head, const HeadForward<T>& at, float* scratch);
  static void backward(const Head& head, const HeadBackward<T>& at, float* scratch);
};

/// By products of pairs of bfloat16 (AVX512_BF16): weights and their derivatives are
/// rounded to bfloat16 before they multiply, sums are float32.
struct PairKernel {
  static std::int64_t forward_floats(const Head& head);
  static std::int64_t backward_floats(const Head& head);
  static void forward(const Head& head, const HeadForward<BFloat16>& at, float* scratch);
  static void backward(const Head& head, const HeadBackward<BFloat16>& at, float* scratch);
};

/// The fastest for numbers of a type that the compiler's target has.
template <class T>
struct BestKernel : LaneKernel<T> {};
#ifdef __AVX512BF16__
template <>
struct BestKernel<BFloat16> : PairKernel {};
#endif

}  // namespace diffusion::nn
