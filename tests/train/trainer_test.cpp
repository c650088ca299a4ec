#include "lib/train/trainer.hpp"

#include <cmath>
#include <limits>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/noise/precondition.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/linear_network.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;

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

TEST_CASE("levels chosen by their losses go on as if training had not stopped", "[train]") {
  const TrainingSet images = flat_images(7);
  const test::Scratch scratch;
  Json config = small_config();
  set_config(config, "objective.levels", "importance");
  set_config(config, "train.batch", "40");
  const auto trainer = [&] {
    return Trainer(std::make_unique<test::LinearNetwork>(), images, make_schedule("cosine:T=3"),
                   config);
  };
  Trainer whole = trainer();
  for (int i = 0; i < 8; ++i) whole.step();
  whole.save(scratch / "whole.safetensors");
  {
    Trainer first = trainer();
    for (int i = 0; i < 3; ++i) first.step();
    first.save(scratch / "parts.safetensors");
  }
  Trainer second = trainer();
  second.restore(ModelFile(scratch / "parts.safetensors"));
  for (int i = 3; i < 8; ++i) second.step();
  second.save(scratch / "parts.safetensors");
  CHECK(read_file(scratch / "parts.safetensors") == read_file(scratch / "whole.safetensors"));
  Trainer other = trainer();
  trainer_on(images, small_config()).save(scratch / "other.safetensors");
  CHECK_THROWS_WITH(other.restore(ModelFile(scratch / "other.safetensors")),
                    Contains("has no array 'levels/losses' of 33 numbers"));
}

// E[x0 | x_t] of Gaussian data is affine in x_t, and so is every prediction: the best
// affine network is the exact one, on every path.
TEST_CASE("training on a Gaussian finds its denoiser on every path and prediction", "[train]") {
  const double mean = 0.3, std = 0.5;
  TrainingSet images(8, 8, 1);  // of exactly these moments
  std::vector<float> pixels(64);
  for (std::size_t i = 0; i < 64; ++i)
    pixels[i] = float(mean + std * normal_quantile((double(i) + 0.5) / 64) / 0.983);
  double sum = 0, squares = 0;
  for (const float p : pixels) sum += p, squares += p * p;
  const double m = sum / 64, v = squares / 64 - m * m;
  images.add(pixels, Depth::float32);
  for (const char* spec : {"linear:T=1,beta_start=0.5", "ve:T=1,sigma_min=2", "custom"})
    for (const PredictionInfo& row : predictions()) {
      const Prediction prediction = row.prediction;
      Schedule schedule =
          std::string(spec) == "custom" ? from_sigmas(Path::straight, {0.4}) : make_schedule(spec);
      schedule.levels[0].timestep = 0;
      const NoiseLevel at = schedule.levels[0];
      Json config = default_config();
      set_config(config, "objective.prediction", std::string(name_of(prediction)));
      // The score is ten times as steep as the others.
      const std::uint64_t steps = prediction == Prediction::ncsn ? 3000 : 600;
      set_config(config, "train.steps", std::to_string(steps));
      set_config(config, "train.lr", "0.03");
      set_config(config, "train.weight_decay", "0");
      set_config(config, "train.warmup", "0");
      Trainer trainer(std::make_unique<test::LinearNetwork>(), images, schedule, config);
      while (trainer.progress().steps < steps) trainer.step();

      // p = c_x0 x0 + c_eps eps, x = alpha x0 + sigma eps, as joint Gaussians.
      const Target c = target_of(prediction, at);
      const double spread = at.alpha * at.alpha * v + at.sigma * at.sigma;
      const double slope = (c.c_x0 * at.alpha * v + c.c_eps * at.sigma) / spread;
      const NetworkInput input = network_input({prediction, schedule.path}, at);
      const double time = prediction == Prediction::edm ? 0.001 * input.timestep : 0;
      const auto found = trainer.network().parameters().values();
      CAPTURE(path_name(schedule.path), name_of(prediction));
      CHECK(found[0] == Approx(slope / input.scale).margin(0.02));
      CHECK(found[0] * input.offset + found[1] + time ==
            Approx(c.c_x0 * m - slope * at.alpha * m).margin(0.02));
    }
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
  CHECK_THROWS_WITH(on("flow:T=10"), Contains("ends in pure noise") && Contains("`prediction` v"));
  CHECK_NOTHROW(on("ve:T=10"));
  set_config(config, "objective.prediction", "edm");  // its time is infinite there
  CHECK_THROWS_WITH(on("flow:T=10"), Contains("ends in pure noise"));
}
