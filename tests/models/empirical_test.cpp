// The best denoiser of a finite set, against its definition.
#include "lib/models/empirical.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "lib/base/error.hpp"
#include "lib/base/parallel.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/tensors.hpp"

using namespace diffusion;
using testing::largest_difference;
using testing::normals;

namespace {

constexpr Path paths[] = {Path::variance_preserving, Path::variance_exploding, Path::straight};

Empirical images(std::size_t number, const Shape& shape, std::vector<int> labels = {}) {
  const Tensor all = normals({number, count(shape)}, 11);
  return empirical_of(shape, {all.begin(), all.end()}, std::move(labels));
}

/// sum_k w_k image_k / sum_k w_k, w_k = exp(-|x - alpha image_k|^2 / (2 sigma^2)), in the
/// widest type there is.
std::vector<double> by_definition(const Empirical& data, const float* x, const NoiseLevel& at,
                                  int label) {
  const std::size_t size = count(data.shape);
  std::vector<long double> logs, mean(size, 0);
  for (std::size_t k = 0; k < data.size(); ++k) {
    long double distance = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const long double off =
          (long double)(x[i]) - (long double)(at.alpha) * data.images[k * size + i];
      distance += off * off;
    }
    logs.push_back(label < 0 || data.labels[k] == label
                       ? -distance / (2 * (long double)(at.sigma) * at.sigma)
                       : -std::numeric_limits<long double>::infinity());
  }
  const long double top = std::ranges::max(logs);
  long double sum = 0;
  for (std::size_t k = 0; k < data.size(); ++k) {
    const long double weight = std::exp(logs[k] - top);
    sum += weight;
    for (std::size_t i = 0; i < size; ++i) mean[i] += weight * data.images[k * size + i];
  }
  std::vector<double> out;
  for (const long double m : mean) out.push_back(double(m / sum));
  return out;
}

Tensor noisy(const Empirical& data, const NoiseLevel& at, std::size_t samples) {
  const std::size_t size = count(data.shape);
  Tensor x = normals({samples, data.shape[0], data.shape[1], data.shape[2]}, 4);
  for (std::size_t n = 0; n < samples; ++n)
    for (std::size_t i = 0; i < size; ++i) {
      float& value = x.data()[n * size + i];
      value = float(at.alpha * data.images[n % data.size() * size + i] + at.sigma * value);
    }
  return x;
}

}  // namespace

TEST_CASE("the empirical denoiser is its definition, at every noise level", "[models]") {
  const std::vector<int> labels = [] {
    std::vector<int> some(1500);
    for (std::size_t k = 0; k < some.size(); ++k) some[k] = int(k % 3) - 1;
    return some;
  }();
  const Empirical data = images(1500, {3, 2, 1}, labels);
  for (const Path path : paths)
    for (const double lambda : {-6.0, -2.0, 0.0, 1.0, 2.0, 4.0, 7.0})
      for (const int label : {-1, 0, 1}) {
        const NoiseLevel at = on_path(path, lambda);
        const Tensor x = noisy(data, at, 5);
        const Denoised got = data.denoise(x, at, std::vector<int>{label});
        double worst = 0, worst_eps = 0;
        for (std::size_t i = 0; i < x.size(); ++i) {
          const double x0 = by_definition(data, x.data() + i / 6 * 6, at, label)[i % 6];
          worst = std::max(worst, std::abs(got.x0.data()[i] - x0));
          const double eps = (x.data()[i] - at.alpha * x0) / at.sigma;
          worst_eps = std::max(worst_eps, std::abs(got.eps->data()[i] - eps) / (1 + std::abs(eps)));
        }
        CAPTURE(int(path), lambda, label);
        CHECK(worst < 1e-6);
        CHECK(worst_eps < 1e-6);
      }
}

TEST_CASE("at no noise the nearest image is meant, and at nothing but noise the mean", "[models]") {
  constexpr double inf = std::numeric_limits<double>::infinity();
  const Empirical data = images(300, {2, 2, 3});
  for (const Path path : paths) {
    const NoiseLevel clean = clean_level(path);
    const Tensor x = noisy(data, clean, 7);
    const Denoised got = data.denoise(x, clean, {});
    CHECK(largest_difference(got.x0, x) == 0);
    CHECK(largest_difference(*got.eps, testing::filled(x.shape(), 0)) == 0);
  }
  const NoiseLevel noise = on_path(Path::variance_preserving, -inf);
  const Tensor got = data.denoise(normals({2, 2, 2, 3}, 5), noise, {}).x0;
  for (std::size_t i = 0; i < 12; ++i) {
    double mean = 0;
    for (std::size_t k = 0; k < 300; ++k) mean += data.images[k * 12 + i] / 300;
    CHECK(std::abs(got.data()[i] - mean) < 1e-7);
  }
}

TEST_CASE("an empirical estimate has the same bits in any company", "[models]") {
  const Empirical data = images(2500, {5, 3, 1});
  for (const double lambda : {-1.0, 1.5}) {
    const NoiseLevel at = on_path(Path::variance_preserving, lambda);
    const Tensor x = noisy(data, at, 150);
    const Tensor all = data.denoise(x, at, {}).x0;
    for (const std::size_t n : {0, 1, 31, 32, 77, 149}) {
      Tensor alone(Shape{1, 5, 3, 1});
      std::copy_n(x.data() + n * 15, 15, alone.data());
      const Tensor got = data.denoise(alone, at, {}).x0;
      CHECK(std::equal(got.begin(), got.end(), all.data() + n * 15));
    }
    const OneThread guard;
    CHECK(largest_difference(data.denoise(x, at, {}).x0, all) == 0);
  }
}

TEST_CASE("images of a folder are a model, with their classes", "[models]") {
  const test::Scratch scratch;
  const auto grey = [](int value) { return "P2 2 1 255 0 " + std::to_string(value) + "\n"; };
  scratch.write("set/dark/a.pgm", grey(10));
  scratch.write("set/dark/b.pgm", grey(20));
  scratch.write("set/light/c.pgm", grey(250));
  const Model model = load_model("empirical:" + scratch / "set");
  CHECK(model.shape == Shape{1, 2, 1});
  CHECK(model.labels == 2);
  CHECK(model.label_names == std::vector<std::string>{"dark", "light"});
  CHECK(model.images);
  NoiseLevel noise = on_path(Path::straight, -std::numeric_limits<double>::infinity());
  noise.timestep = 1000;
  const Tensor x = testing::filled({1, 1, 2, 1}, 0);
  const auto second = [&](std::vector<int> labels) {
    return (model.denoiser(labels)(x, noise).x0.data()[1] + 1) * 127.5;
  };
  CHECK(second({}) == Approx((10 + 20 + 250) / 3.0).epsilon(1e-6));
  CHECK(second({0}) == Approx(15).epsilon(1e-6));
  CHECK(second({1}) == Approx(250).epsilon(1e-6));
  CHECK_THROWS_WITH(model.denoiser(std::vector<int>{2}), EndsWith(": has no image of class 2"));
}

TEST_CASE("images that do not go together are refused by name", "[models]") {
  const test::Scratch scratch;
  scratch.write("sizes/a.pgm", "P2 2 1 255 0 1\n");
  scratch.write("sizes/b.pgm", "P2 1 2 255 0 1\n");
  CHECK_THROWS_WITH(load_model("empirical:" + scratch / "sizes"),
                    (scratch / "sizes/b.pgm") + ": is 2 x 1 x 1 where " +
                        (scratch / "sizes/a.pgm") +
                        " is 1 x 2 x 1; the images of a model are of one size");
  scratch.write("colour/a.pgm", "P2 2 1 255 0 1\n");
  scratch.write("colour/b.ppm", "P3 2 1 255 0 1 2 3 4 5\n");
  CHECK_THROWS_WITH(load_model("empirical:" + scratch / "colour"),
                    Contains("b.ppm: is 1 x 2 x 3 where ") && Contains("a.pgm is 1 x 2 x 1"));
  CHECK_THROWS_WITH(load_model("empirical:" + scratch / "none"),
                    EndsWith("none: no such file or folder"));
  CHECK_THROWS_WITH(load_model("empirical:"), "empirical: names no images");
}
