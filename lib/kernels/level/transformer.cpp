// What transformers have between their products, but for attention and norms.
#include "lib/kernels/level/level.hpp"
#include "lib/kernels/level/vec.hpp"

namespace diffusion::kernel::DIFFUSION_LEVEL {
namespace {

/// The tanh form of GELU is x sigmoid(u).
Vec gelu_argument(Vec x) { return x * (x * x * 0.0713548162726f + 1.59576912160573f); }

}  // namespace

template <class T>
void gelu(std::int64_t count, const T* x, T* y) {
  for_each_block(count, [&](std::int64_t i, auto part) {
    const Vec v = part.load(x + i);
    part.store(y + i, v * sigmoid_for<T>(gelu_argument(v)));
  });
}

template <class T>
void gelu_backward(std::int64_t count, const T* x, const T* dy, T* dx) {
  for_each_block(count, [&](std::int64_t i, auto part) {
    const Vec v = part.load(x + i), s = sigmoid_for<T>(gelu_argument(v));
    const Vec slope = v * v * 0.2140644488178f + 1.59576912160573f;  // of the argument
    part.store(dx + i, part.load(dy + i) * (s + v * s * (1.0f - s) * slope));
  });
}

template <class T>
void add_gated(std::int64_t pixels, std::int64_t channels, const Gated<T>& at) {
  for (std::int64_t row = 0; row < pixels * channels; row += channels)
    for_each_block(
        channels, [&](std::int64_t c, auto part) __attribute__((always_inline)) {
          const std::int64_t i = row + c;
          part.store(at.z + i, part.load(at.x + i) + part.load(at.gate + c) * part.load(at.y + i));
        });
}

template <class T>
void add_gated_backward(std::int64_t pixels, std::int64_t channels, const GatedBackward<T>& at) {
  for_each_block(
      channels, [&](std::int64_t c, auto part) __attribute__((always_inline)) {
        const Vec gate = part.load(at.gate + c);
        Vec total = part.load(at.dgate + c);
        for (std::int64_t i = c; i < pixels * channels; i += channels) {
          const Vec dz = part.load(at.dz + i);
          total += dz * part.load(at.y + i);
          part.store(at.dy + i, dz * gate);
        }
        part.store(at.dgate + c, total);
      });
}

namespace {

using PairVec [[gnu::vector_size(4 * lanes)]] = std::uint64_t;

/// Each pair of lanes the other way round.
[[gnu::always_inline]] inline Vec with_neighbours_swapped(Vec x) {
  PairVec pairs;
  std::memcpy(&pairs, &x, sizeof pairs);
  pairs = (pairs << 32) | (pairs >> 32);
  std::memcpy(&x, &pairs, sizeof x);
  return x;
}

}  // namespace

template <class T>
void rotate(const Turns& turns, const T* from, T* to) {
  for_each_block(
      turns.count, [&](std::int64_t i, auto part) __attribute__((always_inline)) {
        const Vec x = part.load(from + i), sine = part.load(turns.sines + i) * turns.direction;
        part.store(to + i, x * part.load(turns.cosines + i) + with_neighbours_swapped(x) * sine);
      });
}

template <class T>
void swiglu(std::int64_t channels, const T* x, T* y) {
  for_each_block(
      channels, [&](std::int64_t c, auto part) __attribute__((always_inline)) {
        const Vec a = part.load(x + c), b = part.load(x + channels + c);
        part.store(y + c, a * sigmoid_for<T>(a) * b);
      });
}

template <class T>
void swiglu_backward(std::int64_t channels, const T* x, const T* dy, T* dx) {
  for_each_block(
      channels, [&](std::int64_t c, auto part) __attribute__((always_inline)) {
        const Vec a = part.load(x + c), b = part.load(x + channels + c), d = part.load(dy + c);
        const Vec s = sigmoid_for<T>(a);
        part.store(dx + c, d * b * (s + a * s * (1.0f - s)));
        part.store(dx + channels + c, d * a * s);
      });
}

template void gelu(std::int64_t, const float*, float*);
template void gelu(std::int64_t, const BFloat16*, BFloat16*);
template void gelu_backward(std::int64_t, const float*, const float*, float*);
template void gelu_backward(std::int64_t, const BFloat16*, const BFloat16*, BFloat16*);
template void add_gated(std::int64_t, std::int64_t, const Gated<float>&);
template void add_gated(std::int64_t, std::int64_t, const Gated<BFloat16>&);
template void add_gated_backward(std::int64_t, std::int64_t, const GatedBackward<float>&);
template void add_gated_backward(std::int64_t, std::int64_t, const GatedBackward<BFloat16>&);
template void rotate(const Turns&, const float*, float*);
template void rotate(const Turns&, const BFloat16*, BFloat16*);
template void swiglu(std::int64_t, const float*, float*);
template void swiglu(std::int64_t, const BFloat16*, BFloat16*);
template void swiglu_backward(std::int64_t, const float*, const float*, float*);
template void swiglu_backward(std::int64_t, const BFloat16*, const BFloat16*, BFloat16*);

}  // namespace diffusion::kernel::DIFFUSION_LEVEL
