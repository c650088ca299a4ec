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
template void add_quads(std::int64_t, std::int64_t, const float*, float*);
template void add_quads(std::int64_t, std::int64_t, const BFloat16*, BFloat16*);

}  // namespace diffusion::kernel::DIFFUSION_LEVEL
