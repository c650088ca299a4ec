#include "lib/train/batch.hpp"

#include <set>

#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

constexpr std::size_t image_count = 10, each = 2 * 3 * 1;

/// Image i has the pixels i/100 + place/10.
TrainingSet numbered_images() {
  TrainingSet images(2, 3, 1);
  for (std::size_t i = 0; i < image_count; ++i) {
    std::vector<float> pixels(each);
    for (std::size_t k = 0; k < each; ++k) pixels[k] = float(i) / 100 + float(k) / 10;
    images.add(pixels, Depth::float32);
  }
  return images;
}

Objective objective(bool flip) {
  return {.schedule = make_schedule("cosine:T=20"),
          .prediction = Prediction::v,
          .weight = make_loss_weight("min-snr"),
          .levels = make_level_sampler("uniform"),
          .flip = flip};
}

/// x0 of example n of a batch, from x and the v that belongs to it.
std::vector<float> clean_image(const Batch& batch, std::size_t n) {
  const NoiseLevel at = make_schedule("cosine:T=20").levels[std::size_t(batch.timesteps[n])];
  std::vector<float> x0(each);
  for (std::size_t k = 0; k < each; ++k)
    x0[k] = float(at.alpha * batch.x.floats()[n * each + k] -
                  at.sigma * batch.target.floats()[n * each + k]);
  return x0;
}

}  // namespace

TEST_CASE("a batch holds noised images, their targets and weights", "[train]") {
  const TrainingSet images = numbered_images();
  BatchMaker maker(images, objective(false), 5);
  const Batch batch = maker.make(3, 4);
  const TrainingDraws draws(5);
  const auto order = draws.order(0, image_count);
  for (std::size_t n = 0; n < 4; ++n) {
    const auto step = std::size_t(20 * draws.level(3 + n));
    CHECK(batch.timesteps[n] == float(step));
    const NoiseLevel at = make_schedule("cosine:T=20").levels[step];
    CHECK(batch.weights[n] ==
          Approx(std::min(at.snr(), 5.0) / (at.snr() + 1)).epsilon(1e-5).margin(1e-9));
    std::vector<float> x0(each), eps(each);
    images.copy(order[3 + n], TrainingSet::Side::as_is, x0);
    draws.fill_noise(3 + n, eps);
    for (std::size_t k = 0; k < each; ++k) {
      CHECK(batch.x.floats()[n * each + k] ==
            Approx(at.alpha * x0[k] + at.sigma * eps[k]).margin(1e-6));
      CHECK(batch.target.floats()[n * each + k] ==
            Approx(at.alpha * eps[k] - at.sigma * x0[k]).margin(1e-6));
    }
  }
}

TEST_CASE("every image comes once an epoch, whatever the batch", "[train]") {
  const TrainingSet images = numbered_images();
  BatchMaker maker(images, objective(false), 0);
  for (int epoch = 0; epoch < 3; ++epoch) {
    std::multiset<int> seen;
    for (std::uint64_t first = 0; first < image_count; first += 5) {
      const Batch batch = maker.make(std::uint64_t(epoch) * image_count + first, 5);
      for (std::size_t n = 0; n < 5; ++n)
        seen.insert(int(std::lround(100 * clean_image(batch, n)[0])));
    }
    CHECK(seen == std::multiset<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  }
}

TEST_CASE("an example does not depend on its batch", "[train]") {
  const TrainingSet images = numbered_images();
  BatchMaker maker(images, objective(true), 1);
  const Batch whole = maker.make(17, 6), part = maker.make(19, 2);
  CHECK(std::equal(part.x.floats().begin(), part.x.floats().end(),
                   whole.x.floats().begin() + 2 * each));
  CHECK(part.timesteps[1] == whole.timesteps[3]);
}

TEST_CASE("flipping mirrors about half of the images, and rows only", "[train]") {
  const TrainingSet images = numbered_images();
  BatchMaker maker(images, objective(true), 0);
  const Batch batch = maker.make(0, 400);
  int mirrored = 0;
  for (std::size_t n = 0; n < 400; ++n) {
    const auto x0 = clean_image(batch, n);
    mirrored += x0[0] > x0[2];
    CHECK(std::abs(x0[0] - x0[2]) == Approx(0.2).margin(1e-4));
    CHECK(x0[3] - x0[0] == Approx(0.3).margin(1e-4));
  }
  CHECK(mirrored > 150);
  CHECK(mirrored < 250);
}
