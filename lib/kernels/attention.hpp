// One head of attention in one image, as the kernels that compute it see it.
#pragma once
#include <cstdint>

namespace diffusion::kernel {

/// `count` and what is missing to a multiple of `of`.
[[gnu::always_inline]] constexpr std::int64_t whole(std::int64_t count, std::int64_t of) {
  return (count + of - 1) / of * of;
}

struct Head {
  std::int64_t tokens, size;  // H x W; channels of this head
  std::int64_t channels;      // of all heads

  static constexpr std::int64_t lanes = 32;  // queries whose softmax a kernel computes at once
  [[gnu::always_inline]] std::int64_t lane_tokens() const { return whole(tokens, lanes); }
  [[gnu::always_inline]] float scale() const { return float(1.0 / __builtin_sqrt(double(size))); }
  /// For powers of 2.
  [[gnu::always_inline]] float binary_scale() const { return scale() * 1.44269504088896341f; }
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

/// Scratch is 64-byte aligned.
template <class T>
struct Attention {
  std::int64_t (*forward_floats)(const Head& head);  // of scratch
  std::int64_t (*backward_floats)(const Head& head);
  void (*forward)(const Head& head, const HeadForward<T>& at, float* scratch);
  void (*backward)(const Head& head, const HeadBackward<T>& at, float* scratch);
};

}  // namespace diffusion::kernel
