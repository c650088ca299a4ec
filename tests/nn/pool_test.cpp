// Pooling against windows counted one by one.
#include "lib/nn/pool.hpp"

#include <algorithm>
#include <vector>

#include "lib/nn/elementwise.hpp"
#include "lib/rng/noise_source.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

nn::Tensor noise(const nn::Dims& dims) {
  nn::Tensor x(dims);
  NoiseSource(1, "pool-test").fill(x.floats(), 0, 0);
  return x;
}

nn::Tensor rectified_noise(const nn::Dims& dims) {
  nn::Tensor x = noise(dims);
  for (float& value : x.floats()) value = std::max(value, 0.0f);
  return x;
}

/// Values of channel c within the 3 x 3 pixels whose first is (top, left).
std::vector<float> window(const nn::Tensor& x, std::int64_t top, std::int64_t left,
                          std::int64_t c) {
  const nn::Dims& in = x.dims();
  std::vector<float> values;
  for (std::int64_t i = std::max<std::int64_t>(0, top); i < std::min(in.h, top + 3); ++i)
    for (std::int64_t j = std::max<std::int64_t>(0, left); j < std::min(in.w, left + 3); ++j)
      values.push_back(x.floats()[std::size_t((i * in.w + j) * in.c + c)]);
  return values;
}

/// Calls check(value, window) for all of y, whose windows are `stride` apart.
template <class Check>
void for_each_window(const nn::Tensor& x, const nn::Tensor& y, std::int64_t stride,
                     std::int64_t pad, Check check) {
  std::size_t at = 0;
  for (std::int64_t i = 0; i < y.dims().h; ++i)
    for (std::int64_t j = 0; j < y.dims().w; ++j)
      for (std::int64_t c = 0; c < y.dims().c; ++c)
        check(y.floats()[at++], window(x, i * stride - pad, j * stride - pad, c), c);
}

}  // namespace

TEST_CASE("pools take the largest of the pixels that are in the image", "[nn]") {
  for (const nn::DType type : {nn::DType::float32, nn::DType::bfloat16}) {
    const nn::Tensor given = nn::converted(rectified_noise({1, 7, 5, 37}), type);
    const nn::Tensor x = nn::converted(given, nn::DType::float32);
    const auto check = [](float value, const std::vector<float>& seen, std::int64_t) {
      REQUIRE(value == *std::ranges::max_element(seen));
    };
    const nn::Tensor half = nn::converted(nn::max_pool_halving(given), nn::DType::float32);
    REQUIRE(half.dims() == nn::Dims{1, 3, 2, 37});
    for_each_window(x, half, 2, 0, check);
    const nn::Tensor same = nn::converted(nn::max_pool_around(given), nn::DType::float32);
    REQUIRE(same.dims() == x.dims());
    for_each_window(x, same, 1, 1, check);
  }
}

TEST_CASE("the layer pools any values, of each image", "[nn]") {
  using To = nn::layers::Pooling::To;
  const nn::Tensor x = noise({1, 7, 6, 5});
  const auto check_mean = [](float value, const std::vector<float>& seen, std::int64_t) {
    double sum = 0;
    for (const float each : seen) sum += each;
    REQUIRE(value == Approx(sum / double(seen.size())).margin(1e-6));
  };
  const nn::Tensor means = nn::pooled(x, {.to = To::mean, .window = 3, .stride = 1, .pad = 1});
  REQUIRE(means.dims() == x.dims());
  for_each_window(x, means, 1, 1, check_mean);
  const nn::Tensor largest = nn::pooled(x, {.to = To::largest, .window = 3, .stride = 2, .pad = 1});
  REQUIRE(largest.dims() == nn::Dims{1, 4, 3, 5});
  for_each_window(x, largest, 2, 1, [](float value, const std::vector<float>& seen, std::int64_t) {
    REQUIRE(value == *std::ranges::max_element(seen));
  });

  const nn::Tensor two = noise({2, 7, 6, 5});
  const nn::Tensor pooled = nn::pooled(two, {.stride = 2}), mean = nn::spatial_means(two);
  for (std::size_t i = 0; i < 2; ++i) {
    const nn::Tensor one({1, 7, 6, 5});
    std::ranges::copy(two.floats().subspan(i * 210, 210), one.floats().begin());
    const nn::Tensor alone = nn::pooled(one, {.stride = 2}), mean_alone = nn::spatial_means(one);
    CHECK(std::ranges::equal(pooled.floats().subspan(i * 30, 30), alone.floats()));
    CHECK(std::ranges::equal(mean.floats().subspan(i * 5, 5), mean_alone.floats()));
  }
}

TEST_CASE("means leave out what is not in the image, and go into a slot beside others", "[nn]") {
  const nn::Tensor x = noise({1, 4, 6, 21});
  std::vector<float> bias(21);
  for (std::size_t c = 0; c < bias.size(); ++c) bias[c] = 0.1f * float(c) - 1;
  const nn::Tensor joined({1, 4, 6, 50});
  std::ranges::fill(joined.floats(), -7.0f);
  nn::average_pool_around(x, bias, {joined, 9});
  nn::Tensor y({1, 4, 6, 21});
  for (std::size_t i = 0; i < joined.count(); ++i) {
    const std::size_t c = i % 50;
    if (c >= 9 && c < 30)
      y.floats()[i / 50 * 21 + c - 9] = joined.floats()[i];
    else
      REQUIRE(joined.floats()[i] == -7);
  }
  for_each_window(x, y, 1, 1, [&](float value, const std::vector<float>& seen, std::int64_t c) {
    double sum = 0;
    for (const float each : seen) sum += each;
    const double expected = sum / double(seen.size()) + bias[std::size_t(c)];
    REQUIRE(value == Approx(std::max(0.0, expected)).margin(1e-6));
  });
}
