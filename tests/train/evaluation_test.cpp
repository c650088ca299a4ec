// Means and errors by hand, and a model whose every number is known.
#include "lib/train/evaluation.hpp"

#include <cmath>

#include "lib/base/error.hpp"
#include "lib/noise/combine.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/gaussian.hpp"
#include "tests/support/tensors.hpp"

using namespace diffusion;
using testing::normals;

namespace {

/// N(0.3, 0.5^2) in each of four pixels; it knows two classes, and whether it was told them.
struct Known {
  testing::Gaussian data;
  std::vector<std::vector<int>> told = {};

  Model model() {
    return {.shape = {2, 2, 1},
            .schedule = {},
            .labels = 2,
            .denoiser = [this](std::span<const int> labels) {
              told.emplace_back(labels.begin(), labels.end());
              return data.denoiser();
            }};
  }
};

JudgeOptions on(const char* schedule) {
  return {.schedule = make_schedule(schedule),
          .noise = NoiseSource(0, "test"),
          .ode_noise = NoiseSource(0, "test ode")};
}

ModelImages images_of(const testing::Gaussian& data, std::size_t count) {
  const Tensor z = normals({count, 2, 2, 1}, 1);
  ModelImages images{.pixels = combine(data.std, z, 0, z), .depth = Depth::float32};
  images.pixels += float(data.mean);
  images.names.assign(count, "a.png");
  return images;
}

/// -log2 of the density of each image, per dimension: the least mean of bits there is.
double exact_bits(const testing::Gaussian& data, const ModelImages& images) {
  double nats = 0;
  for (const float x : images.pixels)
    nats += std::pow((x - data.mean) / data.std, 2) / 2 +
            std::log(data.std * std::sqrt(2 * 3.14159265358979323846));
  return nats / std::log(2) / double(images.pixels.size());
}

}  // namespace

TEST_CASE("a weighted mean and its error are those of the textbook", "[train]") {
  WeightedMean even;
  for (const double value : {1.0, 2.0, 3.0, 6.0}) even.add(value);
  CHECK(even.mean() == 3);
  CHECK(even.error() == Approx(std::sqrt(14.0 / 3 / 4)));  // of a sample of four
  WeightedMean uneven;
  uneven.add(1, 3);
  uneven.add(5, 1);
  CHECK(uneven.mean() == 2);
  CHECK(uneven.error() == Approx(std::sqrt(3.0)));  // variance (3 1^2 + 3^2) / 4 = 3
  CHECK(uneven.count == 2);
  WeightedMean one;
  one.add(4);
  CHECK(one.mean() == 4);
  CHECK(std::isnan(one.error()));
}

TEST_CASE("bands part the steps, and every visit falls in its own", "[train]") {
  Known known;
  const ModelImages images = images_of(known.data, 3);
  JudgeOptions options = on("cosine:T=10");
  options.bands = 3;
  const Judgement found = judge(known.model(), images, options);
  CHECK(found.steps == 10);
  CHECK(found.terms == 9);
  CHECK(found.decoder == Decoder::density);
  REQUIRE(found.bands.size() == 3);
  const int edges[][2] = {{1, 3}, {4, 6}, {7, 10}};
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(found.bands[i].first == edges[i][0]);
    CHECK(found.bands[i].last == edges[i][1]);
    // Every step of the band, of each image.
    CHECK(found.bands[i].eps.count == 3 * (edges[i][1] - edges[i][0] + 1));
    CHECK(found.bands[i].loss.count == 0);  // not known what it was trained for
  }
  CHECK(judge(known.model(), images, on("cosine:T=2")).bands.size() == 2);
}

TEST_CASE("the sum of the parts is the bound, and no less than the truth", "[train]") {
  Known known;
  const ModelImages images = images_of(known.data, 40);
  std::vector<std::size_t> done;
  JudgeOptions options = on("ve:T=200");
  options.terms = 199;
  options.ode = 60;
  options.progress = [&](std::size_t count) { done.push_back(count); };
  const Judgement found = judge(known.model(), images, options);
  CHECK(done == std::vector<std::size_t>{16, 32, 40});
  CHECK(found.images == 40);
  CHECK(found.total.count == 40);
  CHECK(found.total.mean() ==
        Approx(found.prior.mean() + found.kl.mean() + found.last.mean()).epsilon(1e-9));
  const double truth = exact_bits(known.data, images);
  CAPTURE(truth, found.total.mean(), found.ode.mean());
  CHECK(found.total.mean() > truth - 0.05);
  CHECK(found.ode.mean() == Approx(truth).margin(0.05));
}

TEST_CASE("losses are the factor times the error of clean data", "[train]") {
  Known known;
  JudgeOptions options = on("cosine:T=20");
  options.trained.loss = [](const NoiseLevel&) { return 4.0; };
  const Judgement found = judge(known.model(), images_of(known.data, 5), options);
  for (const Band& band : found.bands) {
    CHECK(band.loss.count == band.x0.count);
    CHECK(band.loss.mean() == Approx(4 * band.x0.mean()));
    CHECK(band.loss.error() == Approx(4 * band.x0.error()));
  }
}

TEST_CASE("images are judged by their classes, and the model is told them", "[train]") {
  Known known;
  ModelImages images = images_of(known.data, 5);
  images.labels = {1, 0, std::nullopt, 1, 1};
  JudgeOptions options = on("cosine:T=20");
  options.by_class = ByClass::yes;
  const Judgement found = judge(known.model(), images, options);
  REQUIRE(known.told.size() == 1);
  CHECK(known.told[0] == std::vector<int>{1, 0, -1, 1, 1});
  REQUIRE(found.classes.size() == 3);
  CHECK(found.classes.at(0).bound.count == 1);
  CHECK(found.classes.at(1).bound.count == 3);
  CHECK(found.classes.at(std::nullopt).bound.count == 1);
  CHECK(found.classes.at(1).loss.count == 0);
  double sum = 0;
  for (const auto& [label, means] : found.classes) sum += means.bound.sum;
  CHECK(sum == Approx(found.total.sum));

  images.labels.clear();
  judge(known.model(), images, on("cosine:T=20"));
  CHECK(known.told.back().empty());
}

TEST_CASE("a derivative that a model knows is used, and differences are measured", "[train]") {
  Known known;
  const ModelImages images = images_of(known.data, 2);
  JudgeOptions options = on("ve:T=50");
  options.terms = 1;
  options.ode = 10;
  CHECK(judge(known.model(), images, options).ode_error > 0);
  std::size_t pulled = 0;
  Model knowing = known.model();
  knowing.denoiser = [&](std::span<const int>) -> Denoiser {
    const Denoiser denoise = known.data.denoiser();
    const double variance = known.data.std * known.data.std;
    return DifferentiableDenoiser{
        denoise, [=, &pulled](const Tensor& x, const NoiseLevel& at, const Tensor& v) {
          ++pulled;
          const double slope =
              at.alpha * variance / (at.alpha * at.alpha * variance + at.sigma * at.sigma);
          return Pulled{denoise(x, at).x0, combine(slope, v, 0, v)};
        }};
  };
  const Judgement exact = judge(knowing, images, options);
  CHECK(exact.ode_error == 0);
  CHECK(pulled > 0);
  CHECK(exact.ode.mean() == Approx(judge(known.model(), images, options).ode.mean()).epsilon(1e-3));
}

TEST_CASE("labels take the model's numbers", "[train]") {
  Known known;
  Model model = known.model();
  model.label_names = {"round", "square"};
  ModelImages images = images_of(known.data, 3);
  images.labels = {0, std::nullopt, 1};
  images.label_names = {"square", "round"};
  number_as(model, images, "p");
  CHECK(images.labels == std::vector<std::optional<int>>{1, std::nullopt, 0});
  CHECK(images.label_names == model.label_names);
  images.label_names = {"blue"};
  CHECK_THROWS_WITH(number_as(model, images, "p"), Contains("p: has a class 'blue'"));
  images.labels.assign(3, std::nullopt);
  CHECK_THROWS_WITH(number_as(model, images, "p"), Contains("no labels of their own"));
}
