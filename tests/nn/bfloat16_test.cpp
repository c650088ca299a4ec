// Layers in bfloat16 against themselves in float32. A bfloat16 has 8 bits, so
// rounding changes a number by at most u = 2^-8 of itself. Both runs get inputs that
// bfloat16 holds exactly; sums are float32. What remains are the roundings of
// weights and of stored results on the way to a number: each is at most u of every
// term, and so at most u of the length of a vector of terms with random signs.
// A result is held to u times its number of roundings.
#include <algorithm>
#include <bit>
#include <limits>

#include "lib/nn/attention.hpp"
#include "lib/nn/conv2d.hpp"
#include "lib/nn/elementwise.hpp"
#include "lib/nn/group_norm.hpp"
#include "lib/nn/pixel_linear.hpp"
#include "tests/nn/gradients.hpp"

namespace diffusion::nn {
namespace {

constexpr double u = 0x1p-8;

/// Random numbers that bfloat16 holds.
Tensor exact_tensor(Dims dims, std::uint64_t id) {
  return converted(converted(random_tensor(dims, id), DType::bfloat16), DType::float32);
}

/// What a layer makes of x and dy, as float32.
struct Outcome {
  Tensor y, dx;
  std::vector<float> gradients;
};

template <class Layer>
Outcome outcome(Parameters& parameters, Layer& layer, const Tensor& x, DType type) {
  Gradients gradients(parameters);
  const Tensor y = layer.forward(converted(x, type), &gradients.tape);
  const Tensor dy = converted(exact_tensor(y.dims(), 2), type);
  const Tensor dx = layer.backward(dy, gradients.tape);
  CHECK(y.dtype() == type);
  CHECK(dx.dtype() == type);
  CHECK(gradients.tape.empty());
  return {converted(y, DType::float32), converted(dx, DType::float32), gradients.values};
}

/// The most roundings on the way to each.
struct Roundings {
  double y, dx, gradients;
};

template <class Layer>
void check_bfloat16(Parameters& parameters, Layer& layer, Dims in, const Roundings& most) {
  randomise(parameters, 0.3f);
  const Tensor x = exact_tensor(in, 1);
  const Outcome exact = outcome(parameters, layer, x, DType::float32);
  const Outcome rounded = outcome(parameters, layer, x, DType::bfloat16);
  CHECK(relative_distance(rounded.y.floats(), exact.y.floats()) < most.y * u);
  CHECK(relative_distance(rounded.dx.floats(), exact.dx.floats()) < most.dx * u);
  CHECK(relative_distance(rounded.gradients, exact.gradients) < most.gradients * u);
  CHECK(relative_distance(rounded.y.floats(), exact.y.floats()) > 0.1 * u);  // it was in bfloat16
}

}  // namespace

TEST_CASE("bfloat16 rounds to nearest, ties to even", "[nn][bfloat16]") {
  const float one_up = 1 + 0x1p-7f;
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<std::array<float, 2>> pairs{{1, 1},
                                                {1 + 0x1p-8f, 1},                 // a tie
                                                {one_up + 0x1p-8f, 1 + 0x1p-6f},  // a tie
                                                {1 + 0x1.1p-8f, one_up},
                                                {-3.1415927f, -3.140625f},
                                                {3.4e38f, infinity},
                                                {infinity, infinity},
                                                {-0.0f, -0.0f}};
  for (const auto& [from, to] : pairs) {
    const Tensor x(Dims{1});
    x.floats()[0] = from;
    const Tensor y = converted(converted(x, DType::bfloat16), DType::float32);
    CHECK(std::bit_cast<std::uint32_t>(y.floats()[0]) == std::bit_cast<std::uint32_t>(to));
  }
  const Tensor nan(Dims{1});
  nan.floats()[0] = std::bit_cast<float>(0x7fffffffu);
  CHECK(std::isnan(converted(converted(nan, DType::bfloat16), DType::float32).floats()[0]));
}

TEST_CASE("convolution in bfloat16", "[nn][bfloat16]") {
  const auto shape =
      GENERATE(conv3x3(16, 32), conv3x3(64, 64), conv3x3(3, 20), conv3x3(12, 2), conv3x3(1, 1),
               conv3x3(24, 8), ConvolutionShape{.in = 16, .out = 8},
               ConvolutionShape{
                   .in = 16, .out = 16, .kernel = 3, .stride = 2, .pad_before = 1, .pad_after = 1},
               ConvolutionShape{.in = 5, .out = 7, .kernel = 3, .stride = 2, .pad_after = 1});
  CAPTURE(shape.in, shape.out, shape.kernel, shape.stride);
  Parameters parameters;
  Conv2d layer(parameters, "conv", shape);
  // Weights and the result; from or to few channels, the parts of a sum besides.
  // Weights' derivatives are sums of exact products.
  check_bfloat16(parameters, layer, {2, 6, 4, shape.in}, {3, 3, 0.01});
}

TEST_CASE("stacked pixel-wise maps in bfloat16", "[nn][bfloat16]") {
  Parameters parameters;
  PixelLinear layer(parameters, {"a", "b", "c"}, {.in = 8, .out = 16});
  check_bfloat16(parameters, layer, {2, 3, 5, 8}, {2, 2, 0.01});
}

TEST_CASE("group normalisation in bfloat16", "[nn][bfloat16]") {
  const auto activation = GENERATE(Activation::none, Activation::silu);
  const std::int64_t channels = GENERATE(8, 16, 40);
  Parameters parameters;
  GroupNorm norm(parameters, "norm", {.channels = channels, .groups = 4, .activation = activation});
  struct {
    GroupNorm& norm;
    Tensor forward(const Tensor& x, Tape* tape) const { return norm.forward(x, tape); }
    Tensor backward(const Tensor& dy, Tape& tape) { return norm.backward(dy, {}, tape).x; }
  } layer{norm};
  // Statistics are float32. On the way back what stands before the activation is
  // stored between the two passes.
  check_bfloat16(parameters, layer, {3, 3, 5, channels}, {1, 2, 0.01});
}

TEST_CASE("attention in bfloat16", "[nn][bfloat16]") {
  const std::int64_t heads = GENERATE(1, 2, 4);
  Parameters parameters;
  struct {
    GroupNorm norm;
    PixelLinear qkv, out;
    std::int64_t heads;
    Tensor forward(const Tensor& x, Tape* tape) const {
      const Tensor y = attend(qkv.forward(norm.forward(x, tape), tape), heads, tape);
      return out.forward(y, tape);
    }
    Tensor backward(const Tensor& dy, Tape& tape) const {
      Tensor d = attend_backward(out.backward(dy, tape), heads, tape);
      return norm.backward(qkv.backward(d, tape), dy, tape).x;
    }
  } layer{{parameters, "norm", {.channels = 16, .groups = 4}},
          {parameters, {"q", "k", "v"}, {.in = 16, .out = 16}},
          {parameters, {"out"}, {.in = 16, .out = 16}},
          heads};
  // Forward: the norm's result, weights and result of either map, the product's.
  check_bfloat16(parameters, layer, {2, 7, 5, 16}, {6, 10, 10});
}

TEST_CASE("passes over bfloat16 agree with float32", "[nn][bfloat16]") {
  const Tensor x = exact_tensor({2, 4, 6, 5}, 1), y = exact_tensor({2, 4, 6, 5}, 2);
  const auto half = [](const Tensor& t) { return converted(t, DType::bfloat16); };
  const auto check = [](const Tensor& rounded, const Tensor& exact, double roundings) {
    CHECK(rounded.dtype() == DType::bfloat16);
    CHECK(relative_distance(converted(rounded, DType::float32).floats(), exact.floats()) <=
          roundings * u);
  };
  check(concatenate(half(x), half(y)), concatenate(x, y), 0);
  check(split_channels(half(x), 2).second, split_channels(x, 2).second, 0);
  check(upsample_nearest(half(x)), upsample_nearest(x), 0);
  check(upsample_nearest_backward(half(x)), upsample_nearest_backward(x), 1);
  check(affine(half(x), 0.3f, 1), affine(x, 0.3f, 1), 1);
  const Tensor sum = half(x);
  add_in_place(sum, half(y));
  add_in_place(x, y);
  check(sum, x, 1);
}

}  // namespace diffusion::nn
