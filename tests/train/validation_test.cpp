#include "lib/train/validation.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/train/loss_plot.hpp"
#include "lib/train/trainer.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/linear_network.hpp"

using namespace diffusion;

namespace {

TrainingSet zeros(std::size_t count) {
  TrainingSet images(16, 16, 1);
  for (std::size_t i = 0; i < count; ++i)
    images.add(std::vector<float>(256, 0), Depth::float32, int(i % 3));
  return images;
}

Objective objective() {
  return {.schedule = make_schedule("cosine:T=50"),
          .prediction = Prediction::eps,
          .weight = make_loss_weight("uniform"),
          .levels = make_level_sampler("uniform"),
          .flip = true};
}

/// Says nothing: its loss is the mean square of what it should have said.
class SilentNetwork : public test::LinearNetwork {
 public:
  nn::Tensor forward(const nn::Tensor& x, std::span<const float>, std::span<const int> labels,
                     nn::Tape*) const override {
    for (const int label : labels) none_dropped &= label < 3;
    const nn::Tensor y(x.dims());
    std::ranges::fill(y.floats(), 0.0f);
    return y;
  }
  mutable bool none_dropped = true;
};

}  // namespace

TEST_CASE("validation is the loss of each band, always on the same noise", "[train]") {
  const TrainingSet images = zeros(30);
  Objective dropping = objective();
  dropping.label_dropout = 1;
  const Validation validation(images, dropping, 1);
  const SilentNetwork network;
  const ValidationLoss loss = validation.of(network);
  REQUIRE(loss.bands.size() == 5);
  for (const double band : loss.bands) CHECK(band == Approx(1).margin(0.08));  // of eps
  CHECK(std::ranges::adjacent_find(loss.bands) == loss.bands.end());
  CHECK(validation.of(network).bands == loss.bands);
  CHECK(network.none_dropped);
}

TEST_CASE("bands are parts of the schedule, the least noise first", "[train]") {
  const TrainingSet images = zeros(40);
  Objective predicting = objective();
  predicting.prediction = Prediction::v;  // of zeros: alpha eps
  const ValidationLoss loss = Validation(images, predicting, 0).of(SilentNetwork());
  CHECK(loss.bands[0] == Approx(0.97).margin(0.05));
  CHECK(loss.bands[4] == Approx(0.03).margin(0.03));
  CHECK(std::ranges::is_sorted(loss.bands, std::greater{}));
}

TEST_CASE("images held out are not trained on", "[train]") {
  TrainingSet images(1, 1, 1);
  for (int i = 0; i < 40; ++i)
    images.add(std::vector<float>{float(i)}, Depth::float32, i == 7 ? 9 : 0);
  const auto [kept, out] = held_out(images, 0.25, 3);
  CHECK(kept.size() == 30);
  CHECK(out.size() == 10);
  CHECK(kept.classes() == 10);
  CHECK(out.classes() == 10);
  std::vector<float> seen;
  for (const TrainingSet* part : {&kept, &out})
    for (std::size_t i = 0; i < part->size(); ++i) {
      std::vector<float> pixel(1);
      part->copy(i, {}, pixel);
      seen.push_back(pixel[0]);
      CHECK(part->label(i) == (pixel[0] == 7 ? 9 : 0));
    }
  CHECK_FALSE(std::ranges::is_sorted(seen));
  std::ranges::sort(seen);
  for (std::size_t i = 0; i < 40; ++i) CHECK(seen[i] == float(i));
  CHECK(held_out(images, 1e-6, 0).second.size() == 1);
  CHECK(held_out(images, 0.999, 0).first.size() == 1);
  CHECK_THROWS_WITH(held_out(zeros(1), 0.5, 0), Contains("one image"));
}

TEST_CASE("a batch in lanes teaches what the whole teaches", "[train]") {
  const TrainingSet images = zeros(12);
  const auto trained = [&](const char* lanes) {
    Json config = default_config();
    set_config(config, "train.batch", "7");
    set_config(config, "train.lanes", lanes);
    set_config(config, "objective.levels", "stratified");
    set_config(config, "objective.weight", "min-snr");
    Trainer trainer(std::make_unique<test::LinearNetwork>(), images, make_schedule("cosine:T=20"),
                    config);
    std::vector<double> course;
    for (int i = 0; i < 5; ++i) {
      const StepReport report = trainer.step();
      course.insert(course.end(), {report.loss, report.gradient_norm});
    }
    const auto weights = trainer.network().parameters().values();
    course.insert(course.end(), weights.begin(), weights.end());
    return course;
  };
  const auto whole = trained("1");
  for (const char* lanes : {"2", "3", "7", "100"}) {
    const auto course = trained(lanes);
    for (std::size_t i = 0; i < whole.size(); ++i)
      CHECK(course[i] == Approx(whole[i]).epsilon(1e-4));
  }
}

TEST_CASE("averages are lent and given back", "[train]") {
  const TrainingSet images = zeros(3);
  Json config = default_config();
  set_config(config, "train.ema", "[0.9, 0.5]");
  Trainer trainer(std::make_unique<test::LinearNetwork>(), images, make_schedule("cosine:T=20"),
                  config);
  for (int i = 0; i < 3; ++i) trainer.step();
  const auto weights = trainer.network().parameters().values();
  const std::vector<float> before(weights.begin(), weights.end());
  float lent = 0;
  trainer.with_average([&](const Network& network) { lent = network.parameters().values()[0]; });
  CHECK(lent != before[0]);
  CHECK(std::ranges::equal(before, weights));
  CHECK_THROWS_AS(trainer.with_average([](const Network&) { throw Error("no"); }), Error);
  CHECK(std::ranges::equal(before, weights));
}

TEST_CASE("the course of the loss is drawn without what has no logarithm", "[train]") {
  const std::vector<LossPoint> steps{{1, 0.5}, {2, std::nan("")}, {3, 0.25}, {4, 0}};
  const std::string script = loss_script(steps, {}, PictureType::svg);
  CHECK_THAT(script, Contains("$steps << end\n1 0.5\n3 0.25\nend\n"));
  CHECK_THAT(script, Contains("$mean << end\n1 0.5\n3 0.375\nend\n"));
  CHECK_THAT(script, !Contains("heldout"));
  const std::vector<LossPoint> held{{3, 0.3}};
  CHECK_THAT(loss_script(steps, held, PictureType::png), Contains("$heldout << end\n3 0.3\nend\n"));
  CHECK_THROWS_WITH(loss_script({}, held, PictureType::png), Contains("no loss to draw"));
}
