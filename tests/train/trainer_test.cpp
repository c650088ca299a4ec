#include "lib/train/trainer.hpp"

#include <cmath>
#include <limits>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/linear_network.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;
using Catch::Matchers::Contains;

namespace {

/// Images of 2 x 2 pixels, all of which have the value of their index over ten.
TrainingSet flat_images(std::size_t count) {
  TrainingSet images(2, 2, 1);
  for (std::size_t i = 0; i < count; ++i)
    images.add(std::vector<float>(4, float(i) / 10), Depth::float32);
  return images;
}

Json small_config() {
  Json config = default_config();
  set_config(config, "train.batch", "3");
  set_config(config, "train.steps", "8");
  set_config(config, "train.warmup", "2");
  set_config(config, "train.ema", "[0.9, 0.5]");
  return config;
}

Trainer trainer_on(const TrainingSet& images, const Json& config) {
  return Trainer(std::make_unique<test::LinearNetwork>(), images, make_schedule("cosine:T=10"),
                 config);
}

/// Answers NaN at every call.
class BrokenNetwork : public test::LinearNetwork {
 public:
  nn::Tensor forward(const nn::Tensor& x, std::span<const float> timesteps,
                     std::span<const int> labels, nn::Tape* tape) const override {
    const nn::Tensor y = LinearNetwork::forward(x, timesteps, labels, tape);
    y.floats()[0] = std::numeric_limits<float>::quiet_NaN();
    return y;
  }
};

}  // namespace

TEST_CASE("training finds the best linear answer", "[train]") {
  // One image of zeros: x = sigma eps, and v = alpha eps has the best scale
  // E[alpha sigma] / E[sigma^2] over the levels.
  TrainingSet images(2, 2, 1);
  images.add(std::vector<float>(4, 0), Depth::float32);
  Json config = default_config();
  set_config(config, "train.steps", "1500");
  set_config(config, "train.lr", "0.02");
  set_config(config, "train.weight_decay", "0");
  Schedule schedule = make_schedule("linear:T=1,beta_start=0.36");
  schedule.levels[0].timestep = 0;
  Trainer trainer(std::make_unique<test::LinearNetwork>(), images, schedule, config);
  while (trainer.progress().steps < 1500) trainer.step();
  CHECK(trainer.network().parameters().values()[0] == Approx(0.8 / 0.6).epsilon(1e-3));
  CHECK(trainer.network().parameters().values()[1] == Approx(0).margin(1e-3));
  CHECK(trainer.progress().mean_loss < 1e-4);
}

TEST_CASE("stopping and going on equals not stopping", "[train]") {
  const TrainingSet images = flat_images(7);  // epochs end within batches
  const test::Scratch scratch;
  Trainer whole = trainer_on(images, small_config());
  for (int i = 0; i < 8; ++i) whole.step();
  whole.save(scratch / "whole.safetensors");

  Trainer first = trainer_on(images, small_config());
  for (int i = 0; i < 3; ++i) first.step();
  first.save(scratch / "parts.safetensors");
  Trainer second = trainer_on(images, small_config());
  second.restore(ModelFile(scratch / "parts.safetensors"));
  for (int i = 3; i < 8; ++i) CHECK(second.step().step == std::uint64_t(i + 1));
  second.save(scratch / "parts.safetensors");
  CHECK(read_file(scratch / "parts.safetensors") == read_file(scratch / "whole.safetensors"));
}

TEST_CASE("a checkpoint tells all", "[train]") {
  const TrainingSet images = flat_images(7);
  const test::Scratch scratch;
  Trainer trainer = trainer_on(images, small_config());
  for (int i = 0; i < 3; ++i) trainer.step();
  trainer.save(scratch / "model.safetensors");
  const ModelFile file(scratch / "model.safetensors");
  CHECK(file.description().model["_class_name"] == "Linear");
  CHECK(file.description().data["size"] == Json::array({2, 2}));
  CHECK(file.description().training["steps"] == 3);
  CHECK(file.description().training["images"] == 9);
  CHECK(file.description().training["config"] == small_config());
  CHECK(file.prediction() == Prediction::v);
  CHECK(file.schedule().steps() == 10);
  CHECK(file.ema_rates() == std::vector<double>{0.9, 0.5});
  CHECK(file.file().entries().size() == 2 * 5);
}

TEST_CASE("steps that are not finite change nothing and end the run at last", "[train]") {
  const TrainingSet images = flat_images(7);
  Trainer trainer(std::make_unique<BrokenNetwork>(), images, make_schedule("cosine:T=10"),
                  small_config());
  const auto weights = trainer.network().parameters().values();
  const std::vector<float> before(weights.begin(), weights.end());
  for (int i = 0; i < 19; ++i) CHECK(trainer.step().skipped);
  CHECK(std::equal(before.begin(), before.end(), weights.begin()));
  CHECK(trainer.progress().skipped == 19);
  CHECK_THROWS_WITH(trainer.step(), Contains("not finite for 20 steps in a row"));
}

TEST_CASE("a schedule that ends in pure noise refuses noise prediction", "[train]") {
  const TrainingSet images = flat_images(2);
  Json config = small_config();
  set_config(config, "objective.prediction", "eps");
  const auto on = [&](const std::string& spec) {
    Trainer(std::make_unique<test::LinearNetwork>(), images, make_schedule(spec), config);
  };
  CHECK_NOTHROW(on("cosine:T=10"));
  CHECK_THROWS_WITH(on("flow:T=10"), Contains("ends in pure noise") && Contains("--prediction v"));
  CHECK_THROWS_WITH(on("ve:T=10"), Contains("variance exploding"));
}
