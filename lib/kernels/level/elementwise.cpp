// Loops over elements of either type.
#include "lib/kernels/level/activations.hpp"
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

void activate(Activation activation, std::int64_t count, const float* x, float* y) {
  with_activation(activation, [&](auto chosen) {
    for_each_block(count, [&](std::int64_t i, auto part) {
      part.store(y + i, activated<chosen(), float>(part.load(x + i)));
    });
  });
}

void activate_backward(Activation activation, std::int64_t count, const float* x, const float* dy,
                       float* dx) {
  with_activation(activation, [&](auto chosen) {
    for_each_block(count, [&](std::int64_t i, auto part) {
      part.store(dx + i, through_slope<chosen(), float>(part.load(x + i), part.load(dy + i)));
    });
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

template <class T>
void blur_row(std::int64_t width, std::int64_t channels, const BlurRows<T>& at) {
  const std::int64_t count = width * channels;
  for_each_block(count, [&](std::int64_t i, auto part) {
    const Vec above = at.above ? part.load(at.above + i) : Vec{};
    const Vec below = at.below ? part.load(at.below + i) : Vec{};
    part.store(at.scratch + i, (above + below) * 0.0625f + part.load(at.here + i) * 0.125f);
  });
  for (std::int64_t first = 0; first < count; first += channels)
    for_each_block(channels, [&](std::int64_t c, auto part) {
      const float* const here = at.scratch + first + c;
      const Vec left = first > 0 ? part.load(here - channels) : Vec{};
      const Vec right = first + channels < count ? part.load(here + channels) : Vec{};
      part.store(at.to + first + c, (left + right) + part.load(here) * 2.0f);
    });
}

template void add(std::int64_t, const float*, float*);
template void add(std::int64_t, const BFloat16*, BFloat16*);
template void affine(std::int64_t, const float*, float, float, float*);
template void affine(std::int64_t, const BFloat16*, float, float, BFloat16*);
template void add_quads(std::int64_t, std::int64_t, const float*, float*);
template void add_quads(std::int64_t, std::int64_t, const BFloat16*, BFloat16*);
template void blur_row(std::int64_t, std::int64_t, const BlurRows<float>&);
template void blur_row(std::int64_t, std::int64_t, const BlurRows<BFloat16>&);

}  // namespace diffusion::kernel::DIFFUSION_LEVEL
