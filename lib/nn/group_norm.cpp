#include "lib/nn/group_norm.hpp"

#include <cassert>
#include <utility>

#include "lib/base/parallel.hpp"
#include "lib/kernels/kernels.hpp"
#include "lib/nn/image_part.hpp"

namespace diffusion::nn {
namespace {

kernel::NormShape shape_of(const GroupNorm::Shape& shape, const Dims& x) {
  return {x.h * x.w, x.c, shape.groups, shape.eps, shape.activation};
}

}  // namespace

GroupNorm::GroupNorm(Parameters& parameters, const std::string& name, const Shape& shape)
    : affine_(parameters, name, shape.channels, true), shape_(shape) {
  assert(shape.channels % shape.groups == 0);
}

Tensor GroupNorm::forward(const Tensor& x, const Vectors& vectors, Tape* tape) const {
  const Dims d = x.dims();
  assert(d.c == shape_.channels);
  const Tensor affine = affine_.of(d.n, vectors.modulation);
  const Tensor y(d, x.dtype()), normalisation(Dims{d.n, 2, 1, d.c});  // scale x + offset
  const Tensor scratch(Dims{d.n, 2, 1, d.c});
  with_type(x.dtype(), [&]<class T>(T) {
    parallel_for(std::size_t(d.n), [&](std::size_t image) {
      const auto n = std::int64_t(image);
      const float* const factor = part_of<float>(affine, n);
      float* const scale = part_of<float>(normalisation, n);
      kernels().of<T>().normalise(
          shape_of(shape_, d), {factor, factor + d.c, part_of<float>(vectors.shift, n)},
          {part_of<T>(x, n), part_of<T>(y, n), scale, scale + d.c, part_of<float>(scratch, n)});
    });
  });
  if (tape)
    for (const Tensor& kept : {x, normalisation, affine, vectors.shift, vectors.modulation.scale})
      tape->push(kept);
  return y;
}

// Whoever hands over `dy` lets go of it. NOLINTNEXTLINE(performance-unnecessary-value-param)
GroupNorm::Gradients GroupNorm::backward(Tensor dy, const Tensor& add, Tape& tape) const {
  const Tensor modulating = tape.pop();
  const bool shifted = !tape.pop().empty();
  const Tensor affine = tape.pop(), normalisation = tape.pop(), x = tape.pop();
  const Dims d = x.dims();
  const Tensor dx = dy.shared() ? Tensor(d, x.dtype()) : dy;
  const Tensor dshift = shifted ? Tensor(Dims{d.n, 1, 1, d.c}) : Tensor();
  const Tensor totals(Dims{d.n, 3, 1, d.c});
  differentiate(dy, add, {x, normalisation, affine, dx, dshift, totals});
  const auto sums_of = [&](std::int64_t n) {
    const float* const dz = part_of<float>(totals, n);
    return ModulatedAffine::ImageSums{.factor = dz + d.c, .offset = dz};
  };
  if (tape.wants_weights()) affine_.add_gradients(d.n, sums_of, modulating, tape);
  return {dx,
          {dshift, modulating.empty() ? Modulation{} : affine_.modulation_gradients(d.n, sums_of)}};
}

void GroupNorm::differentiate(const Tensor& dy, const Tensor& add,
                              const BackwardTensors& tensors) const {
  const Dims d = tensors.x.dims();
  const Tensor scratch(Dims{d.n, 3, 1, d.c});
  with_type(tensors.x.dtype(), [&]<class T>(T) {
    parallel_for(std::size_t(d.n), [&](std::size_t image) {
      const auto n = std::int64_t(image);
      const float* const factor = part_of<float>(tensors.affine, n);
      const float* const scale = part_of<float>(tensors.normalisation, n);
      kernels().of<T>().normalise_backward(
          shape_of(shape_, d), {factor, factor + d.c, nullptr},
          {part_of<T>(tensors.x, n), part_of<T>(dy, n), part_of<T>(add, n),
           part_of<T>(tensors.dx, n), scale, scale + d.c, part_of<float>(tensors.totals, n),
           part_of<float>(tensors.dshift, n), part_of<float>(scratch, n)});
    });
  });
}

}  // namespace diffusion::nn
