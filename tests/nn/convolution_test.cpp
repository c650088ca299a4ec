// Convolutions against their definition in double, for channels that fill none of oneDNN's
// blocks, and the packing of weights: when it happens, and that it is undone.
#include "lib/nn/onednn/convolution.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "lib/nn/onednn/frozen_convolution.hpp"
#include "tests/nn/gradients.hpp"

namespace diffusion::nn {
namespace {

using onednn::Convolution;
using onednn::FrozenConvolution;
using Numbers = std::vector<float>;

Numbers random_numbers(std::size_t count, std::uint64_t id) {
  Numbers numbers(count);
  NoiseSource(11, "test").fill(numbers, id, 0);
  return numbers;
}

/// What both kinds of convolution have in common: strides and zeros in each direction.
std::size_t weight_at(const ConvolutionShape& s, std::int64_t o, std::int64_t i, std::int64_t y,
                      std::int64_t x) {
  return std::size_t(((o * s.in + i) * s.kernel.h + y) * s.kernel.w + x);
}

std::size_t at(const Dims& d, std::int64_t n, std::int64_t y, std::int64_t x, std::int64_t c) {
  return std::size_t(((n * d.h + y) * d.w + x) * d.c + c);
}

/// Calls body(index into x, index into the weights, index into y) for every product.
template <class Body>
void for_products(const ConvolutionShape& s, const Dims& x, const Dims& y, const Body& body) {
  for (std::int64_t n = 0; n < y.n; ++n)
    for (std::int64_t row = 0; row < y.h; ++row)
      for (std::int64_t column = 0; column < y.w; ++column)
        for (std::int64_t ky = 0; ky < s.kernel.h; ++ky)
          for (std::int64_t kx = 0; kx < s.kernel.w; ++kx) {
            const std::int64_t from_y = row * s.stride + ky - s.pad_before.h,
                               from_x = column * s.stride + kx - s.pad_before.w;
            if (from_y < 0 || from_y >= x.h || from_x < 0 || from_x >= x.w) continue;
            for (std::int64_t o = 0; o < s.out; ++o)
              for (std::int64_t i = 0; i < s.in; ++i)
                body(at(x, n, from_y, from_x, i), weight_at(s, o, i, ky, kx),
                     at(y, n, row, column, o));
          }
}

void check_near(std::span<const float> got, const std::vector<double>& expected) {
  REQUIRE(got.size() == expected.size());
  double off = 0, size = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    off += std::pow(got[i] - expected[i], 2);
    size += std::pow(expected[i], 2);
  }
  CHECK(size > 0);
  CHECK(std::sqrt(off / size) < 1e-5);
}

/// A convolution, what it is given, and its definition's answers.
struct Case {
  ConvolutionShape shape;
  Tensor x, dy;
  Numbers weight, bias;

  Case(const ConvolutionShape& s, std::int64_t n, std::int64_t h, std::int64_t w)
      : shape(s),
        x(random_tensor({n, h, w, s.in}, 1)),
        dy(random_tensor(s.output(x.dims()), 2)),
        weight(random_numbers(s.weights(), 3)),
        bias(random_numbers(std::size_t(s.out), 4)) {}

  onednn::ConvolutionWeights weights(std::uint64_t version = 1) const {
    return {weight, bias, version};
  }

  std::vector<double> forward() const {
    std::vector<double> y(dy.count());
    for (std::size_t k = 0; k < y.size(); ++k) y[k] = bias[k % bias.size()];
    for_products(shape, x.dims(), dy.dims(), [&](auto from, auto w, auto to) {
      y[to] += double(x.floats()[from]) * weight[w];
    });
    return y;
  }

  std::vector<double> backward_data() const {
    std::vector<double> dx(x.count());
    for_products(shape, x.dims(), dy.dims(), [&](auto from, auto w, auto to) {
      dx[from] += double(dy.floats()[to]) * weight[w];
    });
    return dx;
  }

  std::vector<double> backward_weights() const {
    std::vector<double> dw(weight.size());
    for_products(shape, x.dims(), dy.dims(), [&](auto from, auto w, auto to) {
      dw[w] += double(dy.floats()[to]) * x.floats()[from];
    });
    return dw;
  }
};

ConvolutionShape any_shape() {
  return GENERATE(
      ConvolutionShape{
          .in = 1, .out = 1, .kernel = 3, .stride = 1, .pad_before = 1, .pad_after = 1},
      ConvolutionShape{
          .in = 5, .out = 7, .kernel = 3, .stride = 1, .pad_before = 1, .pad_after = 1},
      ConvolutionShape{
          .in = 17, .out = 33, .kernel = 3, .stride = 1, .pad_before = 1, .pad_after = 1},
      ConvolutionShape{.in = 13, .out = 3},
      ConvolutionShape{
          .in = 6, .out = 9, .kernel = {1, 7}, .pad_before = {0, 3}, .pad_after = {0, 3}},
      ConvolutionShape{.in = 6, .out = 9, .kernel = {3, 1}, .pad_before = {1, 0}},
      ConvolutionShape{.in = 15, .out = 31, .kernel = 3, .stride = 2, .pad_after = 1},
      ConvolutionShape{
          .in = 3, .out = 16, .kernel = 5, .stride = 1, .pad_before = 2, .pad_after = 2});
}

}  // namespace

TEST_CASE("convolution: its definition, for odd channels and sides", "[nn][convolution]") {
  const Case c(any_shape(), 3, 7, 5);
  CAPTURE(c.shape.in, c.shape.out, c.shape.kernel, c.shape.stride);
  const Convolution convolution(c.shape);
  const Tensor y = convolution.forward(c.x, c.weights());
  CHECK(y.dims() == c.dy.dims());
  check_near(y.floats(), c.forward());

  Tensor sum(c.dy.dims());
  std::ranges::copy(c.dy.floats(), sum.floats().begin());
  convolution.forward_onto(sum, c.x, c.weights());
  auto expected = c.forward();
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] += c.dy.floats()[i];
  check_near(sum.floats(), expected);

  check_near(convolution.backward_data(c.dy, c.x.dims(), c.weights()).floats(), c.backward_data());
}

TEST_CASE("convolution: derivatives of weights are unpacked, and added", "[nn][convolution]") {
  const Case c(any_shape(), 3, 7, 5);
  CAPTURE(c.shape.in, c.shape.out, c.shape.kernel, c.shape.stride);
  Numbers dw = random_numbers(c.weight.size(), 5), db = random_numbers(c.bias.size(), 6);
  auto expected_w = c.backward_weights();
  std::vector<double> expected_b(db.begin(), db.end());
  for (std::size_t i = 0; i < dw.size(); ++i) expected_w[i] += dw[i];
  for (std::size_t i = 0; i < c.dy.count(); ++i)
    expected_b[i % expected_b.size()] += c.dy.floats()[i];
  Convolution(c.shape).backward_weights(c.x, c.dy, dw, db);
  check_near(dw, expected_w);
  check_near(db, expected_b);
}

TEST_CASE("convolution: weights are packed anew when their version is new", "[nn][convolution]") {
  Case c({.in = 5, .out = 7, .kernel = 3, .pad_before = 1, .pad_after = 1}, 1, 6, 6);
  const Convolution convolution(c.shape);
  const auto before = c.forward();
  check_near(convolution.forward(c.x, c.weights(1)).floats(), before);
  std::ranges::fill(c.bias, 0.0f);
  for (float& w : c.weight) w *= -2;
  // Of the same version: what was packed is used, and the bias, which never is, as it stands.
  auto kept = before;
  const Case first({.in = 5, .out = 7, .kernel = 3, .pad_before = 1, .pad_after = 1}, 1, 6, 6);
  for (std::size_t i = 0; i < kept.size(); ++i) kept[i] -= first.bias[i % first.bias.size()];
  check_near(convolution.forward(c.x, c.weights(1)).floats(), kept);
  // Of another: all ways of use see it, the derivative by its own packing.
  check_near(convolution.forward(c.x, c.weights(2)).floats(), c.forward());
  check_near(convolution.backward_data(c.dy, c.x.dims(), c.weights(2)).floats(), c.backward_data());
}

TEST_CASE("convolution: images of another size or number need no new one", "[nn][convolution]") {
  const ConvolutionShape shape{.in = 17, .out = 9, .kernel = 3, .pad_before = 1, .pad_after = 1};
  const Convolution convolution(shape);
  const Case first(shape, 1, 8, 8);
  for (const auto& [n, h, w] : {std::array{1, 8, 8}, {4, 8, 8}, {2, 5, 9}, {1, 1, 1}, {1, 8, 8}}) {
    CAPTURE(n, h, w);
    const Case c(shape, n, h, w);
    check_near(convolution.forward(c.x, first.weights()).floats(), c.forward());
    check_near(convolution.backward_data(c.dy, c.x.dims(), first.weights()).floats(),
               c.backward_data());
  }
}

TEST_CASE("frozen convolution: its definition, with a bias and without", "[nn][convolution]") {
  const auto shape = GENERATE(
      ConvolutionShape{.in = 3, .out = 5, .kernel = 3},
      ConvolutionShape{
          .in = 17, .out = 33, .kernel = {1, 7}, .pad_before = {0, 3}, .pad_after = {0, 3}},
      ConvolutionShape{
          .in = 7, .out = 13, .kernel = 3, .stride = 2, .pad_before = 1, .pad_after = 1});
  CAPTURE(shape.in, shape.out, shape.kernel.w, shape.stride);
  const Tensor x = random_tensor({1, 9, 7, shape.in}, 1);
  Numbers weight = random_numbers(shape.weights(), 2);
  Numbers bias = random_numbers(std::size_t(shape.out), 3);
  const Dims out = shape.output(x.dims());
  std::vector<double> bare(out.count());
  for_products(shape, x.dims(), out, [&](auto from, auto w, auto to) {
    bare[to] += double(x.floats()[from]) * weight[w];
  });
  std::vector<double> rectified(bare.size());
  for (std::size_t i = 0; i < bare.size(); ++i)
    rectified[i] = std::max(0.0, bare[i] + bias[i % bias.size()]);

  const FrozenConvolution plain(shape, x.dims(), DType::float32, weight, {});
  const FrozenConvolution ending(shape, x.dims(), DType::float32, weight, bias);
  std::ranges::fill(weight, 0.0f);  // neither is kept
  std::ranges::fill(bias, 0.0f);
  CHECK(plain.input() == x.dims());
  check_near(plain.forward(x).floats(), bare);
  check_near(ending.forward(x).floats(), rectified);
  CHECK(std::ranges::all_of(ending.forward(x).floats(), [](float y) { return y >= 0; }));
}

}  // namespace diffusion::nn
