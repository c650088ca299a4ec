#include "lib/nn/thin_convolution.hpp"

#include <algorithm>

#include "lib/base/parallel.hpp"
#include "lib/nn/elementwise.hpp"

namespace diffusion::nn {
namespace {

constexpr std::int64_t neighbours = 9;

std::int64_t whole_vectors(std::int64_t channels) { return (channels + 15) / 16 * 16; }

ConvolutionShape pointwise(const ConvolutionShape& s) {
  if (s.in <= s.out) return {.in = whole_vectors(neighbours * s.in), .out = s.out};
  return {.in = s.in, .out = whole_vectors(neighbours * s.out)};
}

/// Calls body(y, x, k, y of neighbour k, x of neighbour k) for those inside.
template <class Body>
void for_each_neighbour(const Dims& d, std::int64_t y, Body&& body) {
  for (std::int64_t k = 0; k < neighbours; ++k) {
    const std::int64_t dy = k / 3 - 1, dx = k % 3 - 1;
    if (y + dy < 0 || y + dy >= d.h) continue;
    const std::int64_t begin = std::max<std::int64_t>(0, -dx),
                       end = d.w - std::max<std::int64_t>(0, dx);
    for (std::int64_t x = begin; x < end; ++x) body(x, k, y + dy, x + dx);
  }
}

/// The product's row o * 9 + k is what neighbour k adds to output o; mirrored,
/// since there a pixel sends where in the convolution it receives.
constexpr std::int64_t mirrored(std::int64_t k) { return neighbours - 1 - k; }

}  // namespace

Tensor gather_neighbours(const Tensor& x, std::int64_t width) {
  const Dims d = x.dims();
  const Tensor patches(Dims{d.n, d.h, d.w, width}, x.dtype());
  with_type(x.dtype(), [&]<class T>(T) {
    const T* const from = x.as<T>();
    T* const to = patches.as<T>();
    parallel_ranges(std::size_t(d.n * d.h), 8, [=](std::size_t begin, std::size_t end) {
      std::fill(to + std::int64_t(begin) * d.w * width, to + std::int64_t(end) * d.w * width, T{});
      for (auto row = std::int64_t(begin); row < std::int64_t(end); ++row) {
        const std::int64_t y = row % d.h, image = row - y;
        for_each_neighbour(d, y,
                           [&](std::int64_t px, std::int64_t k, std::int64_t ny, std::int64_t nx) {
                             const T* const pixel = from + ((image + ny) * d.w + nx) * d.c;
                             T* const patch = to + (row * d.w + px) * width + k;
                             for (std::int64_t c = 0; c < d.c; ++c)
                               patch[neighbours * c] = pixel[c];
                           });
      }
    });
  });
  return patches;
}

Tensor scatter_neighbours(const Tensor& patches, std::int64_t channels) {
  const Dims d = patches.dims();
  Tensor x(Dims{d.n, d.h, d.w, channels});
  float* const to = x.as<float>();
  with_type(patches.dtype(), [&]<class T>(T) {
    const T* const from = patches.as<T>();
    parallel_ranges(std::size_t(d.n * d.h), 8, [=](std::size_t begin, std::size_t end) {
      std::fill(to + std::int64_t(begin) * d.w * channels, to + std::int64_t(end) * d.w * channels,
                0.0f);
      for (auto row = std::int64_t(begin); row < std::int64_t(end); ++row) {
        const std::int64_t y = row % d.h, image = row - y;
        for_each_neighbour(
            d, y, [&](std::int64_t px, std::int64_t k, std::int64_t ny, std::int64_t nx) {
              // This pixel is the opposite neighbour of its neighbour k.
              const T* const patch = from + ((image + ny) * d.w + nx) * d.c + mirrored(k);
              float* const pixel = to + (row * d.w + px) * channels;
              for (std::int64_t c = 0; c < channels; ++c)
                pixel[c] += widened(patch[neighbours * c]);
            });
      }
    });
  });
  return x;
}

bool ThinConvolution::suits(const ConvolutionShape& s) {
  return s.kernel == 3 && s.stride == 1 && s.pad_before == 1 && s.pad_after == 1 &&
         std::min(s.in, s.out) <= 4;
}

ThinConvolution::ThinConvolution(const ConvolutionShape& shape)
    : shape_(shape), pointwise_shape_(pointwise(shape)), pointwise_(pointwise_shape_) {}

Tensor ThinConvolution::pointwise_weight(std::span<const float> weight) const {
  Tensor w(Dims{pointwise_shape_.out, 1, 1, pointwise_shape_.in});
  std::ranges::fill(w.floats(), 0.0f);
  float* const to = w.floats().data();
  const std::int64_t in = shape_.in, row = neighbours * in;
  for (std::int64_t o = 0; o < shape_.out; ++o)
    for (std::int64_t i = 0; i < in; ++i)
      for (std::int64_t k = 0; k < neighbours; ++k) {
        const float value = weight[std::size_t(o * row + i * neighbours + k)];
        if (thin_input())
          to[o * pointwise_shape_.in + i * neighbours + k] = value;
        else
          to[(o * neighbours + mirrored(k)) * in + i] = value;
      }
  return w;
}

onednn::ConvolutionWeights ThinConvolution::pointwise_weights(
    const onednn::ConvolutionWeights& w) const {
  return {.weight = {}, .bias = w.bias, .version = w.version, .assembled = [this, &w] {
            return pointwise_weight(w.weight);
          }};
}

Tensor ThinConvolution::forward(const Tensor& x, const onednn::ConvolutionWeights& w) const {
  onednn::ConvolutionWeights product = pointwise_weights(w);
  if (thin_input()) return pointwise_.forward(gather_neighbours(x, pointwise_shape_.in), product);
  const Tensor no_bias(Dims{1, 1, 1, pointwise_shape_.out});
  std::ranges::fill(no_bias.floats(), 0.0f);
  product.bias = no_bias.floats();
  const Tensor sent = pointwise_.forward(x, product);
  const Tensor y = scatter_neighbours(sent, shape_.out);
  const auto values = y.floats();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += w.bias[i % w.bias.size()];
  return converted(y, x.dtype());
}

void ThinConvolution::forward_onto(const Tensor& sum, const Tensor& x,
                                   const onednn::ConvolutionWeights& w) const {
  add_in_place(sum, forward(x, w));
}

Tensor ThinConvolution::backward_data(const Tensor& dy, const Dims& x,
                                      const onednn::ConvolutionWeights& w) const {
  const onednn::ConvolutionWeights product = pointwise_weights(w);
  if (!thin_input())
    return pointwise_.backward_data(gather_neighbours(dy, pointwise_shape_.out), x, product);
  const Dims patches{x.n, x.h, x.w, pointwise_shape_.in};
  return converted(scatter_neighbours(pointwise_.backward_data(dy, patches, product), shape_.in),
                   dy.dtype());
}

void ThinConvolution::backward_weights(const Tensor& x, const Tensor& dy, std::span<float> dw,
                                       std::span<float> db) const {
  const std::int64_t in = shape_.in, row = neighbours * in;
  const Tensor weight(Dims{pointwise_shape_.out, 1, 1, pointwise_shape_.in});
  const Tensor bias(Dims{1, 1, 1, pointwise_shape_.out});
  std::ranges::fill(weight.floats(), 0.0f);
  std::ranges::fill(bias.floats(), 0.0f);
  if (thin_input()) {
    pointwise_.backward_weights(gather_neighbours(x, pointwise_shape_.in), dy, weight.floats(),
                                bias.floats());
  } else {
    pointwise_.backward_weights(x, gather_neighbours(dy, pointwise_shape_.out), weight.floats(),
                                bias.floats());
  }
  const float *const from = weight.floats().data(), *const sums = bias.floats().data();
  for (std::int64_t o = 0; o < shape_.out; ++o) {
    // The middle neighbour is the pixel itself, so its sum is that of dy.
    db[std::size_t(o)] += thin_input() ? sums[o] : sums[o * neighbours + 4];
    for (std::int64_t i = 0; i < in; ++i)
      for (std::int64_t k = 0; k < neighbours; ++k)
        dw[std::size_t(o * row + i * neighbours + k)] +=
            thin_input() ? from[o * pointwise_shape_.in + i * neighbours + k]
                         : from[(o * neighbours + mirrored(k)) * in + i];
  }
}

}  // namespace diffusion::nn
