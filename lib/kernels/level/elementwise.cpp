// Loops over elements of either type.
#include "lib/kernels/level/level.hpp"
#include "lib/kernels/level/vec.hpp"

namespace diffusion::kernel::DIFFUSION_LEVEL {

template <class T>
void add(std::int64_t count, const T* from, T* to) {
  for_each_block(
      count, [&](std::int64_t i, auto part) __attribute__((always_inline)) {
        part.store(to + i, part.load(to + i) + part.load(from + i));
      });
}

template <class T>
void affine(std::int64_t count, const T* from, float factor, float offset, T* to) {
  for_each_block(
      count, [&](std::int64_t i, auto part) __attribute__((always_inline)) {
        part.store(to + i, part.load(from + i) * factor + offset);
      });
}

void widen(std::int64_t count, const BFloat16* from, float* to) {
  for_each_block(count,
                 [&](std::int64_t i, auto part) { part.store(to + i, part.load(from + i)); });
}

void narrow(std::int64_t count, const float* from, BFloat16* to) {
  for_each_block(count,
                 [&](std::int64_t i, auto part) { part.store(to + i, part.load(from + i)); });
}

void silu(std::int64_t count, const float* x, float* y) {
  for_each_block(count, [&](std::int64_t i, auto part) {
    const Vec v = part.load(x + i);
    part.store(y + i, v * sigmoid(v));
  });
}

void silu_backward(std::int64_t count, const float* x, const float* dy, float* dx) {
  for_each_block(count, [&](std::int64_t i, auto part) {
    const Vec v = part.load(x + i), s = sigmoid(v);
    part.store(dx + i, part.load(dy + i) * (s + v * s * (1.0f - s)));
  });
}

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

template <class T>
void add_quads(std::int64_t width, std::int64_t channels, const T* rows, T* to) {
  for (std::int64_t i = 0; i < width; ++i, to += channels) {
    const T* const above = rows + 2 * i * channels;
    const T* const below = above + 2 * width * channels;
    for_each_block(channels, [&](std::int64_t c, auto part) {
      part.store(to + c, (part.load(above + c) + part.load(above + channels + c)) +
                             (part.load(below + c) + part.load(below + channels + c)));
    });
  }
}

template void add(std::int64_t, const float*, float*);
template void add(std::int64_t, const BFloat16*, BFloat16*);
template void affine(std::int64_t, const float*, float, float, float*);
template void affine(std::int64_t, const BFloat16*, float, float, BFloat16*);
template void gelu(std::int64_t, const float*, float*);
template void gelu(std::int64_t, const BFloat16*, BFloat16*);
template void gelu_backward(std::int64_t, const float*, const float*, float*);
template void gelu_backward(std::int64_t, const BFloat16*, const BFloat16*, BFloat16*);
template void add_gated(std::int64_t, std::int64_t, const Gated<float>&);
template void add_gated(std::int64_t, std::int64_t, const Gated<BFloat16>&);
template void add_gated_backward(std::int64_t, std::int64_t, const GatedBackward<float>&);
template void add_gated_backward(std::int64_t, std::int64_t, const GatedBackward<BFloat16>&);
template void add_quads(std::int64_t, std::int64_t, const float*, float*);
template void add_quads(std::int64_t, std::int64_t, const BFloat16*, BFloat16*);

}  // namespace diffusion::kernel::DIFFUSION_LEVEL
