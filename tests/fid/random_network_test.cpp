#include "lib/fid/features/random_network.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <sstream>

#include "lib/base/error.hpp"
#include "lib/base/parallel.hpp"
#include "lib/image/resize.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

/// The image of tests/data/random-v1/make.py, on [-1, 1].
Image pattern(std::size_t height, std::size_t width, std::size_t channels, std::size_t shift = 0) {
  Image image{Tensor(Shape{height, width, channels})};
  float* out = image.pixels.data();
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x)
      for (std::size_t c = 0; c < channels; ++c)
        *out++ = float((y * 37 + x * 91 + c * 53 + (y * x) % 17 * 11 + shift) % 256) / 127.5f - 1;
  return image;
}

Tensor features_of(const FeatureExtractor& extractor, const std::vector<Image>& images) {
  std::vector<Tensor> prepared;
  for (const Image& image : images) prepared.push_back(extractor.prepare(image));
  return extractor.run(prepared, extractor.kinds).at(0);
}

struct Layer {
  std::size_t in, out, size;  // channels and extent (square) of its input
};

/// The network written as its definition, one sum at a time in double.
std::vector<double> convolve(const std::vector<double>& x, const Layer& layer,
                             const std::vector<float>& weights) {
  const std::size_t half = layer.size / 2;
  std::vector<double> y(half * half * layer.out);
  for (std::size_t row = 0; row < half; ++row)
    for (std::size_t column = 0; column < half; ++column)
      for (std::size_t o = 0; o < layer.out; ++o) {
        double sum = 0;
        for (std::size_t ky = 0; ky < 3; ++ky)
          for (std::size_t kx = 0; kx < 3; ++kx) {
            const std::size_t r = 2 * row + ky, c = 2 * column + kx;  // one more than the place
            if (r == 0 || c == 0 || r > layer.size || c > layer.size) continue;
            for (std::size_t i = 0; i < layer.in; ++i)
              sum += x[((r - 1) * layer.size + c - 1) * layer.in + i] *
                     weights[((o * layer.in + i) * 3 + ky) * 3 + kx];
          }
        y[(row * half + column) * layer.out + o] = std::max(0.0, sum);
      }
  return y;
}

std::vector<double> features_by_definition(const Tensor& input) {
  std::vector<double> x(input.begin(), input.end());
  std::size_t size = 64;
  for (std::size_t l = 0; l < 4; ++l, size /= 2)
    x = convolve(x, {random_network_channels[l], random_network_channels[l + 1], size},
                 random_network_weights(l));
  std::vector<double> mean(512, 0);
  for (std::size_t i = 0; i < x.size(); ++i) mean[i % 512] += x[i] / double(size * size);
  return mean;
}

}  // namespace

TEST_CASE("random-v1 agrees with an independent implementation", "[fid]") {
  const FeatureExtractor random = make_features("random", {Rounding::eight_bits});
  CHECK(random.name() == "random-v1");
  std::ifstream file(TEST_DATA_DIR "/random-v1/features.txt");
  int images = 0;
  for (std::string line; std::getline(file, line); ++images) {
    std::istringstream words(line);
    std::size_t h, w, c;
    words >> h >> w >> c;
    const Tensor features = features_of(random, {pattern(h, w, c)});
    REQUIRE(features.size() == 512);
    double expected, worst = 0, largest = 0;
    std::size_t i = 0;
    for (; words >> expected; ++i) {
      worst = std::max(worst, std::abs(double(features.data()[i]) - expected));
      largest = std::max(largest, expected);
    }
    CHECK(i == 512);
    CHECK(worst < 2e-6 * largest);
  }
  CHECK(images == 4);
}

TEST_CASE("random-v1 agrees with its definition written out", "[fid]") {
  const FeatureExtractor random = make_features("random", {Rounding::none});
  const Tensor input = random.prepare(pattern(50, 70, 3));
  const std::vector<double> expected = features_by_definition(input);
  const Tensor features = random.run({&input, 1}, random.kinds).at(0);
  for (std::size_t i = 0; i < 512; ++i)
    REQUIRE(features.data()[i] == Approx(expected[i]).margin(1e-6));
}

TEST_CASE("features have the same bits for any batch size and thread count", "[fid]") {
  const FeatureExtractor random = make_features("random", {Rounding::eight_bits});
  std::vector<Image> images;
  for (std::size_t i = 0; i < 37; ++i) images.push_back(pattern(28, 28, 1, 5 * i));
  const int before = threads();
  set_threads(2);
  const Tensor together = features_of(random, images);
  for (const int team : {1, 2})
    for (const std::size_t size : {1, 5, 16, 37}) {
      set_threads(team);
      for (std::size_t i = 0; i < images.size(); i += size) {
        const std::vector<Image> some(
            images.begin() + std::ptrdiff_t(i),
            images.begin() + std::ptrdiff_t(std::min(i + size, images.size())));
        const Tensor rows = features_of(random, some);
        REQUIRE(std::memcmp(rows.data(), together.data() + i * 512, rows.size() * sizeof(float)) ==
                0);
      }
    }
  set_threads(before);
}

TEST_CASE("float images are rounded as a PNG would, unless told otherwise", "[fid]") {
  Image image = pattern(8, 8, 1);
  Image noisy = image;
  for (std::size_t i = 0; i < noisy.pixels.size(); ++i)
    noisy.pixels.data()[i] += (i % 2 ? 0.4f : -0.4f) / 127.5f;
  noisy.depth = Depth::float32;
  for (const char* spec : {"random", "pixels"}) {
    const FeatureExtractor rounding = make_features(spec, {Rounding::eight_bits});
    CHECK((features_of(rounding, {image}) == features_of(rounding, {noisy})));
    const FeatureExtractor exact = make_features(spec, {Rounding::none});
    CHECK((features_of(exact, {image}) != features_of(exact, {noisy})));
  }
}

TEST_CASE("pixel features are the pixels without alpha", "[fid]") {
  const FeatureExtractor pixels = make_features("pixels", {Rounding::eight_bits});
  const Image rgba = pattern(3, 2, 4);
  const Tensor features = features_of(pixels, {rgba});
  REQUIRE(features.size() == 18);
  for (std::size_t i = 0; i < 18; ++i)
    CHECK(features.data()[i] == Approx(rgba.pixels.data()[i / 3 * 4 + i % 3]).margin(1e-6));
}

TEST_CASE("unknown features and values that are not finite are refused", "[fid]") {
  CHECK_THROWS_WITH(make_features("inceptio", {Rounding::eight_bits}),
                    StartsWith("unknown features 'inceptio' (have: random, "));
  CHECK_THROWS_AS(make_features("random:seed=1", {Rounding::eight_bits}), Error);
  Image image = pattern(4, 4, 1);
  image.pixels(1, 1, 0) = NAN;
  CHECK_THROWS_WITH(make_features("pixels", {Rounding::none}).prepare(image),
                    "holds values that are not finite");
}
