// Layer normalisation: each pixel of one image over its channels.
#include "lib/kernels/level/level.hpp"
#include "lib/kernels/level/vec.hpp"

namespace diffusion::kernel::DIFFUSION_LEVEL {
namespace {

/// The lanes that a vector has of its row; the others are zero.
[[gnu::always_inline]] inline Vec inside(Whole, Vec v) { return v; }
[[gnu::always_inline]] inline Vec inside(Part part, Vec v) {
  Vec mask{};
  for (std::int64_t i = 0; i < part.count; ++i) mask[i] = 1;
  return v * mask;
}

struct Statistics {
  float mean, inverse_deviation;
};

template <class T>
Statistics statistics_of(const LayerNormShape& shape, const T* x) {
  const float scale = 1.0f / float(shape.channels);
  float mean = 0;
  if (shape.centred) {
    Vec total{};
    for_each_block(
        shape.channels, [&](std::int64_t c, auto part)
                            __attribute__((always_inline)) { total += part.load(x + c); });
    mean = sum(total) * scale;
  }
  Vec squares{};
  for_each_block(
      shape.channels, [&](std::int64_t c, auto part) __attribute__((always_inline)) {
        const Vec off = inside(part, part.load(x + c) - mean);
        squares += off * off;
      });
  return {mean, 1.0f / __builtin_sqrtf(sum(squares) * scale + shape.eps)};
}

}  // namespace

template <class T>
void normalise_pixels(const LayerNormShape& shape, const LayerNormForward<T>& at) {
  for (std::int64_t p = 0; p < shape.pixels; ++p) {
    const T* const x = at.x + p * shape.channels;
    T* const y = at.y + p * shape.channels;
    const Statistics s = statistics_of(shape, x);
    at.statistics[2 * p] = s.mean;
    at.statistics[2 * p + 1] = s.inverse_deviation;
    for_each_block(
        shape.channels, [&](std::int64_t c, auto part) __attribute__((always_inline)) {
          const Vec normalised = (part.load(x + c) - s.mean) * s.inverse_deviation;
          part.store(y + c, normalised * part.load(at.factor + c) + part.load(at.offset + c));
        });
  }
}

template <class T>
void normalise_pixels_backward(const LayerNormShape& shape, const LayerNormBackward<T>& at) {
  const float scale = 1.0f / float(shape.channels);
  for (std::int64_t p = 0; p < shape.pixels; ++p) {
    const std::int64_t row = p * shape.channels;
    const float mean = at.statistics[2 * p], inverse = at.statistics[2 * p + 1];
    Vec total{}, slope{};  // of factor dy, and of it times normalised x
    for_each_block(
        shape.channels, [&](std::int64_t c, auto part) __attribute__((always_inline)) {
          const Vec normalised = (part.load(at.x + row + c) - mean) * inverse;
          const Vec dy = part.load(at.dy + row + c), g = dy * part.load(at.factor + c);
          total += g;
          slope += g * normalised;
          part.store(at.dfactor + c, part.load(at.dfactor + c) + dy * normalised);
          part.store(at.doffset + c, part.load(at.doffset + c) + dy);
        });
    const float centre = shape.centred ? sum(total) * scale : 0.0f, tilt = sum(slope) * scale;
    for_each_block(
        shape.channels, [&](std::int64_t c, auto part) __attribute__((always_inline)) {
          const Vec normalised = (part.load(at.x + row + c) - mean) * inverse;
          const Vec g = part.load(at.dy + row + c) * part.load(at.factor + c);
          Vec d = (g - centre - normalised * tilt) * inverse;
          if (at.add) d += part.load(at.add + row + c);
          part.store(at.dx + row + c, d);
        });
  }
}

template void normalise_pixels(const LayerNormShape&, const LayerNormForward<float>&);
template void normalise_pixels(const LayerNormShape&, const LayerNormForward<BFloat16>&);
template void normalise_pixels_backward(const LayerNormShape&, const LayerNormBackward<float>&);
template void normalise_pixels_backward(const LayerNormShape&, const LayerNormBackward<BFloat16>&);

}  // namespace diffusion::kernel::DIFFUSION_LEVEL
