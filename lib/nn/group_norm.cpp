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
    : parameters_(parameters),
      weight_(parameters.add(name + ".weight", {std::size_t(shape.channels)})),
      bias_(parameters.add(name + ".bias", {std::size_t(shape.channels)})),
      shape_(shape) {
  assert(shape.channels % shape.groups == 0);
}

Tensor GroupNorm::forward(const Tensor& x, const Tensor& shift, Tape* tape) const {
  const Dims d = x.dims();
  assert(d.c == shape_.channels);
  const float* const weight = parameters_.value(weight_).data();
  const float* const bias = parameters_.value(bias_).data();
  const Tensor y(d, x.dtype()), affine(Dims{d.n, 2, 1, d.c});  // normalised = scale x + offset
  const Tensor scratch(Dims{d.n, 2, 1, d.c});
  with_type(x.dtype(), [&]<class T>(T) {
    parallel_for(std::size_t(d.n), [&](std::size_t image) {
      const auto n = std::int64_t(image);
      float* const scale = part_of<float>(affine, n);
      kernels().of<T>().normalise(
          shape_of(shape_, d), {weight, bias, part_of<float>(shift, n)},
          {part_of<T>(x, n), part_of<T>(y, n), scale, scale + d.c, part_of<float>(scratch, n)});
    });
  });
  if (tape) {
    tape->push(x);
    tape->push(affine);
    tape->push(shift);
  }
  return y;
}

// Whoever hands over `dy` lets go of it. NOLINTNEXTLINE(performance-unnecessary-value-param)
GroupNorm::Gradients GroupNorm::backward(Tensor dy, const Tensor& add, Tape& tape) const {
  const bool shifted = !tape.pop().empty();
  const Tensor affine = tape.pop(), x = tape.pop();
  const Dims d = x.dims();
  const Tensor dx = dy.shared() ? Tensor(d, x.dtype()) : dy;
  const Tensor dshift = shifted ? Tensor(Dims{d.n, 1, 1, d.c}) : Tensor();
  const Tensor totals(Dims{d.n, 3, 1, d.c});
  differentiate(dy, add, {x, affine, dx, dshift, totals});
  if (tape.wants_weights()) add_gradients(totals, tape);
  return {dx, dshift};
}

void GroupNorm::differentiate(const Tensor& dy, const Tensor& add,
                              const BackwardTensors& tensors) const {
  const Dims d = tensors.x.dims();
  const float* const weight = parameters_.value(weight_).data();
  const float* const bias = parameters_.value(bias_).data();
  const Tensor scratch(Dims{d.n, 3, 1, d.c});
  with_type(tensors.x.dtype(), [&]<class T>(T) {
    parallel_for(std::size_t(d.n), [&](std::size_t image) {
      const auto n = std::int64_t(image);
      const float* const scale = part_of<float>(tensors.affine, n);
      kernels().of<T>().normalise_backward(
          shape_of(shape_, d), {weight, bias, nullptr},
          {part_of<T>(tensors.x, n), part_of<T>(dy, n), part_of<T>(add, n),
           part_of<T>(tensors.dx, n), scale, scale + d.c, part_of<float>(tensors.totals, n),
           part_of<float>(tensors.dshift, n), part_of<float>(scratch, n)});
    });
  });
}

void GroupNorm::add_gradients(const Tensor& totals, const Tape& tape) const {
  const Dims d = totals.dims();
  float* const dweight = tape.gradient(weight_).data();
  float* const dbias = tape.gradient(bias_).data();
  for (std::int64_t n = 0; n < d.n; ++n) {
    const float* const dz = part_of<float>(totals, n);
    for (std::int64_t c = 0; c < d.c; ++c) {
      dbias[c] += dz[c];
      dweight[c] += dz[d.c + c];
    }
  }
}

}  // namespace diffusion::nn
