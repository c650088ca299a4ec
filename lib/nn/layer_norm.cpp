#include "lib/nn/layer_norm.hpp"

#include <algorithm>
#include <cassert>

#include "lib/base/parallel.hpp"
#include "lib/kernels/kernels.hpp"
#include "lib/nn/image_part.hpp"

namespace diffusion::nn {
LayerNorm::LayerNorm(Parameters& parameters, const std::string& name, const Shape& shape)
    : parameters_(parameters), shape_(shape) {
  const std::size_t channels = std::size_t(shape.channels);
  if (!name.empty()) weight_ = &parameters.add(name + ".weight", {channels});
  if (!name.empty() && shape.centred) bias_ = &parameters.add(name + ".bias", {channels});
}

/// Factor and offset of each image's channels: N x 2 x 1 x C.
Tensor LayerNorm::affine_of(std::int64_t images, const Modulation& modulation) const {
  const std::int64_t channels = shape_.channels;
  const float *const weight = value_of(weight_), *const bias = value_of(bias_);
  const Tensor affine(Dims{images, 2, 1, channels});
  for (std::int64_t n = 0; n < images; ++n) {
    float *const factor = part_of<float>(affine, n), *const offset = factor + channels;
    const float* const shift = part_of<float>(modulation.shift, n);
    const float* const scale = part_of<float>(modulation.scale, n);
    for (std::int64_t c = 0; c < channels; ++c) {
      const float more = scale ? 1 + scale[c] : 1;
      factor[c] = weight ? more * weight[c] : more;
      offset[c] = (bias ? more * bias[c] : 0) + (shift ? shift[c] : 0);
    }
  }
  return affine;
}

Tensor LayerNorm::forward(const Tensor& x, const Modulation& modulation, Tape* tape) const {
  const Dims d = x.dims();
  assert(d.c == shape_.channels && modulation.shift.empty() == modulation.scale.empty());
  const Tensor y(d, x.dtype()), statistics(Dims{d.n, d.h, d.w, 2});
  const Tensor affine = affine_of(d.n, modulation);
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
  if (tape.wants_weights()) add_gradients(sums, scale, tape);
  return {dx, scale.empty() ? Modulation{} : modulation_gradients(sums)};
}

LayerNorm::Modulation LayerNorm::modulation_gradients(const Tensor& sums) const {
  const Dims d = sums.dims();
  const float *const weight = value_of(weight_), *const bias = value_of(bias_);
  const Modulation gradients{Tensor(Dims{d.n, 1, 1, d.c}), Tensor(Dims{d.n, 1, 1, d.c})};
  for (std::int64_t n = 0; n < d.n; ++n) {
    const float *const dfactor = part_of<float>(sums, n), *const doffset = dfactor + d.c;
    for (std::int64_t c = 0; c < d.c; ++c) {
      part_of<float>(gradients.shift, n)[c] = doffset[c];
      part_of<float>(gradients.scale, n)[c] =
          (weight ? dfactor[c] * weight[c] : dfactor[c]) + (bias ? doffset[c] * bias[c] : 0);
    }
  }
  return gradients;
}

void LayerNorm::add_gradients(const Tensor& sums, const Tensor& scale, const Tape& tape) const {
  const auto add = [&](const Param* param, std::int64_t which) {
    if (!param) return;
    const Dims d = sums.dims();
    float* const to = tape.gradient(*param).data();
    for (std::int64_t n = 0; n < d.n; ++n)
      for (std::int64_t c = 0; c < d.c; ++c)
        to[c] += (scale.empty() ? 1 : 1 + part_of<float>(scale, n)[c]) *
                 part_of<float>(sums, n)[which * d.c + c];
  };
  add(weight_, 0);
  add(bias_, 1);
}

}  // namespace diffusion::nn
