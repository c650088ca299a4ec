#include "lib/nn/layer_norm.hpp"

#include <algorithm>
#include <cassert>

#include "lib/base/parallel.hpp"
#include "lib/kernels/kernels.hpp"
#include "lib/nn/image_part.hpp"

namespace diffusion::nn {

LayerNorm::LayerNorm(Parameters& parameters, const std::string& name, const Shape& shape)
    : affine_(parameters, name, shape.channels, shape.centred), shape_(shape) {}

Tensor LayerNorm::forward(const Tensor& x, const Modulation& modulation, Tape* tape) const {
  const Dims d = x.dims();
  assert(d.c == shape_.channels && modulation.shift.empty() == modulation.scale.empty());
  const Tensor y(d, x.dtype()), statistics(Dims{d.n, d.h, d.w, 2});
  const Tensor affine = affine_.of(d.n, modulation);
  const kernel::LayerNormShape shape{d.h * d.w, d.c, shape_.eps, shape_.centred};
  with_type(x.dtype(), [&]<class T>(T) {
    parallel_for(std::size_t(d.n), [&](std::size_t image) {
      const auto n = std::int64_t(image);
      const float* const factor = part_of<float>(affine, n);
      kernels().of<T>().normalise_pixels(shape, {part_of<T>(x, n), part_of<T>(y, n), factor,
                                                 factor + d.c, part_of<float>(statistics, n)});
    });
  });
  if (tape)
    for (const Tensor& kept : {x, statistics, affine, modulation.scale}) tape->push(kept);
  return y;
}

// Whoever hands over `dy` lets go of it. NOLINTNEXTLINE(performance-unnecessary-value-param)
LayerNorm::Gradients LayerNorm::backward(Tensor dy, const Tensor& add, Tape& tape) const {
  const Tensor scale = tape.pop(), affine = tape.pop(), statistics = tape.pop(), x = tape.pop();
  const Dims d = x.dims();
  const Tensor dx = dy.shared() ? Tensor(d, x.dtype()) : dy;
  const Tensor sums(Dims{d.n, 2, 1, d.c});  // of factors and offsets
  std::ranges::fill(sums.floats(), 0.0f);
  const kernel::LayerNormShape shape{d.h * d.w, d.c, shape_.eps, shape_.centred};
  with_type(x.dtype(), [&]<class T>(T) {
    parallel_for(std::size_t(d.n), [&](std::size_t image) {
      const auto n = std::int64_t(image);
      float* const dfactor = part_of<float>(sums, n);
      kernels().of<T>().normalise_pixels_backward(
          shape,
          {part_of<T>(x, n), part_of<T>(dy, n), part_of<T>(add, n), part_of<T>(dx, n),
           part_of<float>(affine, n), part_of<float>(statistics, n), dfactor, dfactor + d.c});
    });
  });
  const auto sums_of = [&](std::int64_t n) {
    const float* const dfactor = part_of<float>(sums, n);
    return ModulatedAffine::ImageSums{dfactor, dfactor + d.c};
  };
  if (tape.wants_weights()) affine_.add_gradients(d.n, sums_of, scale, tape);
  return {dx, scale.empty() ? Modulation{} : affine_.modulation_gradients(d.n, sums_of)};
}

}  // namespace diffusion::nn
