#include "lib/nn/attention.hpp"
#include "lib/nn/conv2d.hpp"
#include "lib/nn/elementwise.hpp"
#include "lib/nn/group_norm.hpp"
#include "lib/nn/linear.hpp"
#include "lib/nn/patches.hpp"
#include "lib/nn/pixel_linear.hpp"
#include "lib/nn/sinusoids.hpp"
#include "tests/nn/gradients.hpp"

namespace diffusion::nn {
namespace {

/// Of a layer x -> y: weights and input, by central differences.
template <class Layer>
void check_layer(Parameters& parameters, Layer& layer, Dims in) {
  randomise(parameters, 0.3f);
  const Tensor x = random_tensor(in, 1);
  Gradients gradients(parameters);
  const Tensor y = layer.forward(x, &gradients.tape);
  const Tensor dy = random_tensor(y.dims(), 2);
  const Tensor dx = layer.backward(dy, gradients.tape);
  CHECK(gradients.tape.empty());
  const auto loss = [&] { return dot(layer.forward(x, nullptr), dy); };
  check_parameter_gradients(parameters, gradients, loss);
  for (std::uint64_t direction = 0; direction < 3; ++direction)
    check_slope(x.floats(), dx.floats(), loss, direction);
}

/// Of a pair of functions.
template <class Forward, class Backward>
void check_functions(Dims in, Forward&& forward, Backward&& backward) {
  const Tensor x = random_tensor(in, 1);
  Tape tape;
  const Tensor y = forward(x, &tape), dy = random_tensor(y.dims(), 2);
  const Tensor dx = backward(dy, tape);
  CHECK(tape.empty());
  const auto loss = [&] { return dot(forward(x, nullptr), dy); };
  for (std::uint64_t direction = 0; direction < 3; ++direction)
    check_slope(x.floats(), dx.floats(), loss, direction);
}

}  // namespace

TEST_CASE("convolution: derivatives", "[nn]") {
  const auto shape =
      GENERATE(conv3x3(16, 32), conv3x3(3, 20), conv3x3(12, 2), conv3x3(1, 1), conv3x3(8, 24),
               ConvolutionShape{.in = 16, .out = 8},
               ConvolutionShape{
                   .in = 16, .out = 16, .kernel = 3, .stride = 2, .pad_before = 1, .pad_after = 1},
               ConvolutionShape{.in = 5, .out = 7, .kernel = 3, .stride = 2, .pad_after = 1});
  CAPTURE(shape.in, shape.out, shape.kernel, shape.stride);
  Parameters parameters;
  Conv2d layer(parameters, "conv", shape);
  check_layer(parameters, layer, {2, 6, 4, shape.in});
}

TEST_CASE("convolution: a hand-made example", "[nn]") {
  // One pixel set to 1 stamps the mirrored kernel around it.
  const std::int64_t in = GENERATE(1, 16);
  Parameters parameters;
  Conv2d layer(parameters, "conv", conv3x3(in, 1));
  const auto weight = parameters.value(parameters.all()[0]);
  for (int k = 0; k < 9; ++k) weight[std::size_t(k)] = float(k + 1);
  parameters.value(parameters.all()[1])[0] = 0.5f;
  parameters.touch();
  Tensor x(Dims{1, 4, 5, in});
  std::ranges::fill(x.floats(), 0.0f);
  x.floats()[std::size_t((1 * 5 + 2) * in)] = 1;
  const Tensor y = layer.forward(x, nullptr);
  const std::vector<float> expected{0, 9, 8, 7, 0, 0, 6, 5, 4, 0, 0, 3, 2, 1, 0, 0, 0, 0, 0, 0};
  for (std::size_t i = 0; i < 20; ++i) CHECK(y.floats()[i] == expected[i] + 0.5f);
}

TEST_CASE("stacked pixel-wise maps: derivatives", "[nn]") {
  Parameters parameters;
  PixelLinear layer(parameters, {"a", "b", "c"}, {.in = 8, .out = 16});
  check_layer(parameters, layer, {2, 3, 5, 8});
}

TEST_CASE("linear map of a vector an image: derivatives", "[nn]") {
  const std::int64_t n = GENERATE(1, 6, 64), out = GENERATE(3, 80);
  CAPTURE(n, out);
  Parameters parameters;
  Linear layer(parameters, "linear", 20, out);
  check_layer(parameters, layer, {n, 1, 1, 20});
}

TEST_CASE("group normalisation: derivatives", "[nn]") {
  const auto activation =
      GENERATE(Activation::none, Activation::silu, Activation::mish, Activation::gelu);
  const std::int64_t channels = GENERATE(8, 16, 40);
  CAPTURE(int(activation), channels);
  Parameters parameters;
  GroupNorm norm(parameters, "norm", {.channels = channels, .groups = 4, .activation = activation});
  randomise(parameters, 1);
  const Tensor x = random_tensor({3, 3, 5, channels}, 1);
  const Tensor shift = random_tensor({3, 1, 1, channels}, 2);
  const Tensor dy = random_tensor(x.dims(), 3), straight = random_tensor(x.dims(), 4);
  Gradients gradients(parameters);
  const bool modulated = GENERATE(false, true);
  GroupNorm::Vectors vectors{.shift = shift, .modulation = {}};
  if (modulated)
    vectors.modulation = {random_tensor(shift.dims(), 5), random_tensor(shift.dims(), 6)};
  norm.forward(x, vectors, &gradients.tape);
  const auto [dx, found] = norm.backward(dy, straight, gradients.tape);
  CHECK(gradients.tape.empty());
  const auto result = [&] { return dot(norm.forward(x, vectors, nullptr), dy); };
  const auto loss = [&] { return result() + dot(x, straight); };
  check_parameter_gradients(parameters, gradients, loss);
  check_slope(x.floats(), dx.floats(), loss, 0);
  check_slope(shift.floats(), found.shift.floats(), result, 1);
  if (!modulated) return;
  check_slope(vectors.modulation.shift.floats(), found.modulation.shift.floats(), result, 2);
  check_slope(vectors.modulation.scale.floats(), found.modulation.scale.floats(), result, 3);
}

TEST_CASE("group normalisation keeps its precision far from zero", "[nn]") {
  Parameters parameters;
  GroupNorm norm(parameters, "norm", {.channels = 16, .groups = 2});
  std::ranges::fill(parameters.value(parameters.all()[0]), 1.0f);
  const Tensor x = random_tensor({1, 16, 16, 16}, 1);
  for (float& v : x.floats()) v = v / 16 + 1000;
  const Tensor y = norm.forward(x, nullptr);
  for (int group = 0; group < 2; ++group) {
    double mean = 0, expected = 0, square = 0, expected_square = 0;
    for (std::size_t p = 0; p < 256; ++p)
      for (std::size_t c = 0; c < 8; ++c) {
        const std::size_t at = p * 16 + std::size_t(group) * 8 + c;
        mean += y.floats()[at] / 2048.0;
        square += double(y.floats()[at]) * y.floats()[at] / 2048.0;
        expected += x.floats()[at] / 2048.0;
        expected_square += (x.floats()[at] - 1000.0) * (x.floats()[at] - 1000.0) / 2048.0;
      }
    const double variance = expected_square - (expected - 1000) * (expected - 1000);
    // The mean, near 1000, is rounded to float32: 3e-5 of the deviation's 1/16.
    CHECK(std::abs(mean) < 1e-3);
    CHECK(square - mean * mean == Approx(variance / (variance + 1e-5)).epsilon(1e-4));
  }
}

TEST_CASE("attention: derivatives", "[nn]") {
  const std::int64_t heads = GENERATE(1, 2, 4);
  CAPTURE(heads);
  check_functions(  // 35 tokens: blocks and vectors have ends
      {2, 7, 5, 48}, [&](const Tensor& x, Tape* tape) { return attend(x, heads, tape); },
      [&](const Tensor& dy, Tape& tape) { return attend_backward(dy, heads, tape); });
}

TEST_CASE("attention agrees with its definition in double", "[nn]") {
  const std::int64_t heads = 2, size = 4, channels = 8, tokens = 40;
  const Tensor qkv = random_tensor({1, 5, 8, 3 * channels}, 1);
  const Tensor y = attend(qkv, heads, nullptr);
  const auto at = [&](std::int64_t t, std::int64_t part, std::int64_t head, std::int64_t c) {
    return double(qkv.floats()[std::size_t(t * 3 * channels + part * channels + head * size + c)]);
  };
  for (std::int64_t head = 0; head < heads; ++head)
    for (std::int64_t i = 0; i < tokens; ++i) {
      std::vector<double> weight(static_cast<std::size_t>(tokens));
      double total = 0;
      for (std::int64_t j = 0; j < tokens; ++j) {
        double score = 0;
        for (std::int64_t c = 0; c < size; ++c) score += at(i, 0, head, c) * at(j, 1, head, c);
        total += weight[std::size_t(j)] = std::exp(score / std::sqrt(double(size)));
      }
      for (std::int64_t c = 0; c < size; ++c) {
        double expected = 0;
        for (std::int64_t j = 0; j < tokens; ++j)
          expected += weight[std::size_t(j)] / total * at(j, 2, head, c);
        const double got = y.floats()[std::size_t(i * channels + head * size + c)];
        CHECK(std::abs(got - expected) < 2e-6);
      }
    }
}

TEST_CASE("element-wise functions: derivatives", "[nn]") {
  for (const auto activation :
       {Activation::silu, Activation::mish, Activation::gelu, Activation::none})
    check_functions(
        {2, 3, 5, 7}, [=](const Tensor& x, Tape* tape) { return activated(x, activation, tape); },
        [=](const Tensor& dy, Tape& tape) { return activated_backward(dy, activation, tape); });
  check_functions(
      {2, 3, 5, 7}, [](const Tensor& x, Tape*) { return blurred(x); },
      [](const Tensor& dy, Tape&) { return blurred(dy); });
  check_functions(
      {2, 3, 5, 7}, [](const Tensor& x, Tape*) { return upsample_nearest(x); },
      [](const Tensor& dy, Tape&) { return upsample_nearest_backward(dy); });
}

TEST_CASE("activations: their values, far out too", "[nn]") {
  const std::vector<float> points{-100, -20, -5, -1.5f, -0.1f, 0, 0.3f, 2, 8, 30, 100};
  Tensor x(Dims{1, 1, 1, std::int64_t(points.size())}), ones(x.dims());
  std::ranges::copy(points, x.floats().begin());
  std::ranges::fill(ones.floats(), 1.0f);
  const auto check = [&](Activation activation, const auto& expected) {
    const Tensor y = activated(x, activation, nullptr);
    for (std::size_t i = 0; i < points.size(); ++i) {
      CAPTURE(int(activation), points[i]);
      CHECK(std::abs(y.floats()[i] - expected(double(points[i]))) <=
            3e-7 * std::max(1.0, std::abs(double(points[i]))));
    }
  };
  check(Activation::mish, [](double v) { return v * std::tanh(std::log1p(std::exp(v))); });
  check(Activation::gelu, [](double v) { return v / 2 * std::erfc(-v / std::sqrt(2.0)); });
  check(Activation::relu, [](double v) { return std::max(v, 0.0); });
  check(Activation::silu, [](double v) { return v / (1 + std::exp(-v)); });
  Tape tape;
  activated(x, Activation::relu, &tape);
  const Tensor slope = activated_backward(ones, Activation::relu, tape);
  for (std::size_t i = 0; i < points.size(); ++i) CHECK(slope.floats()[i] == (points[i] > 0));
}

TEST_CASE("a blur with up-sampling and with means is (1, 3, 3, 1) / 8", "[nn]") {
  Tensor x(Dims{1, 1, 4, 1}), tall(Dims{1, 4, 2, 1});
  std::ranges::copy(std::vector<float>{8, 0, 0, 16}, x.floats().begin());
  const Tensor wide = blurred(upsample_nearest(x));
  const std::vector<float> doubled{6, 6, 2, 0, 0, 4, 12, 12};  // 3/4 of them: rows have no others
  for (std::size_t i = 0; i < 8; ++i) CHECK(wide.floats()[i] == 0.75f * doubled[i]);
  std::ranges::copy(std::vector<float>{8, 0, 0, 0, 0, 0, 0, 8}, tall.floats().begin());
  const Tensor means = downsample_mean(blurred(tall));  // 3/8 along rows
  CHECK(means.floats()[0] == Approx(8 * 3.0 / 8 * 3 / 8));
  CHECK(means.floats()[1] == Approx(8 * 3.0 / 8 * 3 / 8));
}

TEST_CASE("down-sampling: means of four pixels, and their derivative", "[nn]") {
  const Tensor x = random_tensor({2, 4, 6, 7}, 1), y = downsample_mean(x);
  CHECK(y.dims() == Dims{2, 2, 3, 7});
  const auto at = [&](std::size_t row, std::size_t column) {
    return double(x.floats()[(row * 6 + column) * 7 + 5]);
  };
  CHECK(y.floats()[(1 * 3 + 2) * 7 + 5] == Approx((at(2, 4) + at(2, 5) + at(3, 4) + at(3, 5)) / 4));
  check_functions(
      {2, 4, 6, 7}, [](const Tensor& of, Tape*) { return downsample_mean(of); },
      [](const Tensor& dy, Tape&) { return downsample_mean_backward(dy); });
}

TEST_CASE("channels are joined and parted", "[nn]") {
  const Tensor a = random_tensor({2, 3, 2, 5}, 1), b = random_tensor({2, 3, 2, 3}, 2);
  const Tensor both = concatenate(a, b);
  CHECK(both.dims() == Dims{2, 3, 2, 8});
  CHECK(both.floats()[8 + 5] == b.floats()[3]);
  const auto [first, second] = split_channels(both, 5);
  CHECK(std::ranges::equal(first.floats(), a.floats()));
  CHECK(std::ranges::equal(second.floats(), b.floats()));
}

TEST_CASE("sinusoids: their first numbers", "[nn]") {
  const std::vector<float> timesteps{0, 1, 500};
  const Tensor s =
      sinusoids(timesteps, {.channels = 5, .order = SinusoidOrder::sin_cos, .frequency_shift = 1});
  CHECK(s.floats()[2] == 1);  // cos 0
  CHECK(s.floats()[5] == Approx(std::sin(1.0)));
  CHECK(s.floats()[6] == Approx(std::sin(1e-4)));
  CHECK(s.floats()[9] == 0);
}

TEST_CASE("patches are cut and put together", "[nn]") {
  const Tensor x = random_tensor({2, 4, 6, 3}, 1), cut = patches(x, 2, 3);
  CHECK(cut.dims() == Dims{2, 2, 2, 18});
  // Image 1, patch (1, 0), in it row 1, column 2, channel 1.
  const auto at = [](std::int64_t n, std::int64_t y, std::int64_t column, std::int64_t c) {
    return std::size_t(((n * 4 + y) * 6 + column) * 3 + c);
  };
  CHECK(cut.floats()[((1 * 2 + 1) * 2 + 0) * 18 + (1 * 3 + 2) * 3 + 1] ==
        x.floats()[at(1, 3, 2, 1)]);
  CHECK(std::ranges::equal(unpatched(cut, 2, 3).floats(), x.floats()));
}

}  // namespace diffusion::nn
