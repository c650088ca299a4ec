#include "lib/train/batch.hpp"

#include <map>
#include <set>

#include "tests/support/catch.hpp"
#include "tests/train/make_batch.hpp"

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

/// The same, of three classes in turn; every fourth has none.
TrainingSet labelled_images() {
  const TrainingSet plain = numbered_images();
  TrainingSet images(2, 3, 1);
  for (std::size_t i = 0; i < image_count; ++i) {
    std::vector<float> pixels(each);
    plain.copy(i, {}, pixels);
    images.add(pixels, Depth::float32, i % 4 < 3 ? std::optional(int(i % 4)) : std::nullopt);
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
  const Batch batch = make_batch(maker, 3, 4);
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
      const Batch batch = make_batch(maker, std::uint64_t(epoch) * image_count + first, 5);
      for (std::size_t n = 0; n < 5; ++n)
        seen.insert(int(std::lround(100 * clean_image(batch, n)[0])));
    }
    CHECK(seen == std::multiset<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  }
}

TEST_CASE("an example does not depend on its batch", "[train]") {
  const TrainingSet images = numbered_images();
  BatchMaker maker(images, objective(true), 1);
  const Batch whole = make_batch(maker, 17, 6), part = make_batch(maker, 19, 2);
  CHECK(std::equal(part.x.floats().begin(), part.x.floats().end(),
                   whole.x.floats().begin() + 2 * each));
  CHECK(part.timesteps[1] == whole.timesteps[3]);
}

TEST_CASE("flipping mirrors about half of the images, and rows only", "[train]") {
  const TrainingSet images = numbered_images();
  BatchMaker maker(images, objective(true), 0);
  const Batch batch = make_batch(maker, 0, 400);
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

TEST_CASE("labels go with their images, and none is the null class", "[train]") {
  const TrainingSet images = labelled_images();
  REQUIRE(images.classes() == 3);
  BatchMaker maker(images, objective(false), 0);
  const Batch batch = make_batch(maker, 0, 40);
  for (std::size_t n = 0; n < 40; ++n) {
    const auto image = std::lround(100 * clean_image(batch, n)[0]);
    CHECK(batch.labels[n] == image % 4);  // 3 comes after the classes 0 to 2
  }
  const TrainingSet plain = numbered_images();
  BatchMaker unlabelled(plain, objective(false), 0);
  CHECK(make_batch(unlabelled, 0, 4).labels.empty());
}

TEST_CASE("labels are dropped at their rate", "[train]") {
  const TrainingSet images = labelled_images();
  Objective dropping = objective(false);
  dropping.label_dropout = 0.25;
  BatchMaker keeps(images, objective(false), 0), drops(images, dropping, 0);
  const Batch kept = make_batch(keeps, 0, 4000), batch = make_batch(drops, 0, 4000);
  int labelled = 0, dropped = 0;
  for (std::size_t n = 0; n < 4000; ++n) {
    labelled += kept.labels[n] != 3;
    dropped += batch.labels[n] != kept.labels[n];
    CHECK((batch.labels[n] == kept.labels[n] || batch.labels[n] == 3));
  }
  CHECK(double(dropped) / labelled == Approx(0.25).margin(0.03));  // four deviations
  CHECK(std::equal(batch.x.floats().begin(), batch.x.floats().end(), kept.x.floats().begin()));
}

TEST_CASE("shifts go to every side, and edges repeat", "[train]") {
  TrainingSet images(1, 3, 1);
  images.add(std::vector<float>{0.1f, 0.2f, 0.3f}, Depth::float32);
  const auto seen = [&](int right) {
    std::vector<float> out(3);
    images.copy(0, {TrainingSet::Side::as_is, 5, right}, out);
    return out;
  };
  CHECK(seen(1) == std::vector<float>{0.1f, 0.1f, 0.2f});
  CHECK(seen(-1) == std::vector<float>{0.2f, 0.3f, 0.3f});
  CHECK(seen(-9) == std::vector<float>{0.3f, 0.3f, 0.3f});
  const TrainingDraws draws(0);
  std::map<std::pair<int, int>, int> counts;
  for (std::uint64_t example = 0; example < 2500; ++example) ++counts[draws.shift(example, 2)];
  CHECK(counts.size() == 25);
  for (const auto& [shift, count] : counts) {
    CHECK(std::max(std::abs(shift.first), std::abs(shift.second)) <= 2);
    CHECK(std::abs(count - 100) < 45);
  }
}
