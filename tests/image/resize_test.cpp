#include "lib/image/resize.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

/// The image of tests/data/resize/make.py.
Tensor pattern(std::size_t height, std::size_t width, std::size_t channels) {
  Tensor image(Shape{height, width, channels});
  float* out = image.data();
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x)
      for (std::size_t c = 0; c < channels; ++c)
        *out++ = float((y * 37 + x * 91 + c * 53 + (y * x) % 17 * 11) % 256);
  return image;
}

}  // namespace

TEST_CASE("resize_clean agrees with Pillow", "[image]") {
  std::ifstream file(TEST_DATA_DIR "/resize/clean.txt");
  int cases = 0;
  for (std::string line; std::getline(file, line); ++cases) {
    std::istringstream words(line);
    std::size_t h, w, c, out_h, out_w;
    words >> h >> w >> c >> out_h >> out_w;
    const Tensor out = resize_clean(pattern(h, w, c), out_h, out_w);
    REQUIRE((out.shape() == Shape{out_h, out_w, c}));
    const std::size_t stride = out.size() > 500 ? 7 : 1;
    float worst = 0, expected;
    std::size_t i = 0;
    for (; words >> expected; i += stride)
      worst = std::max(worst, std::abs(out.data()[i] - expected));
    CHECK(i >= out.size());
    INFO("case " << line.substr(0, 20));
    CHECK(worst < 255 * 1e-6f);
  }
  CHECK(cases == 10);
}

// The places of a sample are floats there too: in doubles they differ by 0.008 of 255. What is
// left is the rounding of two sums of two products.
TEST_CASE("the bilinear modes agree with PyTorch and TensorFlow 1", "[image]") {
  std::ifstream file(TEST_DATA_DIR "/resize/legacy.txt");
  int cases = 0;
  for (std::string line; std::getline(file, line); ++cases) {
    std::istringstream words(line);
    std::string grid;
    std::size_t h, w, c, out_h, out_w;
    words >> grid >> h >> w >> c >> out_h >> out_w;
    const Tensor out = resize_bilinear(pattern(h, w, c), out_h, out_w,
                                       grid == "centres" ? Grid::centres : Grid::corners);
    float worst = 0, expected;
    std::size_t i = 0;
    for (; words >> expected; i += 53) worst = std::max(worst, std::abs(out.data()[i] - expected));
    CHECK(i >= out.size());
    INFO(line.substr(0, 25));
    CHECK(worst < 255 * 4e-7f);
  }
  CHECK(cases == 6);
}

TEST_CASE("resize_clean keeps constants and is affine in the values", "[image]") {
  Tensor flat(Shape{31, 45, 3});
  std::fill(flat.begin(), flat.end(), -0.25f);
  for (const float value : resize_clean(flat, 12, 90))
    REQUIRE(value == Approx(-0.25f).margin(1e-6));

  const Tensor bytes = pattern(40, 30, 3), resized = resize_clean(bytes, 16, 17);
  Tensor scaled = bytes;
  for (float& value : scaled) value = value / 127.5f - 1;
  const Tensor out = resize_clean(scaled, 16, 17);
  for (std::size_t i = 0; i < out.size(); ++i)
    REQUIRE(out.data()[i] == Approx(resized.data()[i] / 127.5f - 1).margin(2e-6));
}

TEST_CASE("resize_clean to the same size changes nothing", "[image]") {
  const Tensor image = pattern(19, 23, 3);
  CHECK((resize_clean(image, 19, 23) == image));
}
