#include "lib/nn/context.hpp"

#include <algorithm>
#include <cstring>

#include "lib/nn/elementwise.hpp"

namespace diffusion::nn {
namespace {

/// Copies `count` pixels of each image, from pixel `first` of one map to pixel `to_first` of
/// another of as many channels.
struct PixelRun {
  std::int64_t first, to_first, count;
};
void copy_pixels(const Tensor& from, const Tensor& to, const PixelRun& run) {
  const std::size_t pixel = std::size_t(from.dims().c) * bytes_per_element(from.dtype());
  const auto at = [&](const Tensor& map, std::int64_t image, std::int64_t first) {
    const Dims& d = map.dims();
    return static_cast<char*>(map.data()) + std::size_t(image * d.h * d.w + first) * pixel;
  };
  for (std::int64_t n = 0; n < from.dims().n; ++n)
    std::memcpy(at(to, n, run.to_first), at(from, n, run.first), std::size_t(run.count) * pixel);
}

}  // namespace

ContextTokens::ContextTokens(Parameters& parameters, const layers::Context& shape)
    : parameters_(parameters),
      weight_(
          parameters.add(shape.name, {1, std::size_t(shape.count), std::size_t(shape.channels)})),
      count_(shape.count) {}

Tensor ContextTokens::forward(const Tensor& x, const Tensor& vector, Tape* tape) const {
  const auto [n, h, w, c] = x.dims();
  const float* const places = parameters_.value(weight_).data();
  const Tensor tokens(Dims{n, 1, count_, c});
  for (std::int64_t i = 0; i < n * count_ * c; ++i) {
    const std::int64_t image = i / (count_ * c);
    tokens.floats()[std::size_t(i)] =
        vector.floats()[std::size_t(image * c + i % c)] + places[i % (count_ * c)];
  }
  const Tensor y(Dims{n, 1, count_ + h * w, c}, x.dtype());
  copy_pixels(converted(tokens, x.dtype()), y, {0, 0, count_});
  copy_pixels(x, y, {0, count_, h * w});
  if (tape) tape->push(x);  // its size alone is needed
  return y;
}

ContextTokens::Gradients ContextTokens::backward(const Tensor& dy, Tape& tape) const {
  const Dims d = tape.pop().dims();
  const auto [n, h, w, c] = d;
  const Gradients of{Tensor(d, dy.dtype()), Tensor(Dims{n, 1, 1, c})};
  copy_pixels(dy, of.x, {count_, 0, h * w});
  const Tensor first(Dims{n, 1, count_, c}, dy.dtype());
  copy_pixels(dy, first, {0, 0, count_});
  const Tensor tokens = converted(first, DType::float32);
  std::ranges::fill(of.vector.floats(), 0.0f);
  const std::span<float> dw = tape.wants_weights() ? tape.gradient(weight_) : std::span<float>();
  for (std::int64_t i = 0; i < n * count_ * c; ++i) {
    const std::int64_t image = i / (count_ * c);
    const float each = tokens.floats()[std::size_t(i)];
    of.vector.floats()[std::size_t(image * c + i % c)] += each;
    if (!dw.empty()) dw[std::size_t(i % (count_ * c))] += each;
  }
  return of;
}

Tensor without_context(const Tensor& x, const layers::WithoutContext& shape) {
  const Tensor y(Dims{x.dims().n, shape.height, shape.width, x.dims().c}, x.dtype());
  copy_pixels(x, y, {shape.count, 0, shape.height * shape.width});
  return y;
}

Tensor with_empty_context(const Tensor& dy, const layers::WithoutContext& shape) {
  const auto [n, h, w, c] = dy.dims();
  const Tensor dx(Dims{n, 1, shape.count + h * w, c}, dy.dtype());
  std::memset(dx.data(), 0, dx.count() * bytes_per_element(dx.dtype()));
  copy_pixels(dy, dx, {0, shape.count, h * w});
  return dx;
}

}  // namespace diffusion::nn
