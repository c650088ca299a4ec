// Training on the plugin's devices against the processor's.
#include <limits>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/train/loss_weight.hpp"
#include "tests/nn/gradients.hpp"
#include "tests/support/linear_network.hpp"
#include "tests/train/xla/trainers.hpp"

using namespace diffusion;
using test::check_alike, test::steps_of, test::Training;

namespace {

Schedule straight_schedule() {
  Schedule schedule = from_sigmas(Path::straight, {0.1, 0.3, 0.5, 0.7, 0.9});
  for (std::size_t i = 0; i < 5; ++i) schedule.levels[i].timestep = 100 * double(i + 1);
  return schedule;
}

/// All that a checkpoint holds, by the prefix of its set.
std::map<std::string, std::vector<float>> sets_of(const Trainer& trainer,
                                                  const test::Scratch& scratch) {
  trainer.save(scratch / "sets.safetensors");
  const ModelFile file(scratch / "sets.safetensors");
  std::map<std::string, std::vector<float>> sets;
  const nn::Parameters& names = trainer.network().parameters();
  for (const std::string& prefix :
       {std::string(), adam_mean_prefix, adam_square_prefix, ema_prefix(0.9), ema_prefix(0.5)}) {
    sets[prefix].resize(names.size());
    file.read(prefix, names, sets[prefix]);
  }
  return sets;
}

void check_sets_alike(const std::map<std::string, std::vector<float>>& got,
                      const std::map<std::string, std::vector<float>>& expected) {
  for (const auto& [prefix, values] : expected) {
    CAPTURE(prefix);
    double off = 0, size = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      off += std::pow(double(got.at(prefix)[i]) - double(values[i]), 2);
      size += std::pow(double(values[i]), 2);
    }
    CHECK(std::sqrt(off) <= 1e-3 * std::sqrt(size));
  }
}

void check_alike(const Training& training, const std::shared_ptr<xla::Client>& client,
                 const test::Tolerance& tolerance = {}) {
  Trainer device = training.on(client), processor = training.on_processor();
  check_alike(steps_of(device, 20), steps_of(processor, 20), tolerance);
}

}  // namespace

TEST_CASE("devices train as the processor on every prediction, loss weight and path",
          "[xla][train]") {
  const auto client = test::training_client("training");
  if (!client) return;
  const test::ProgramCache cache;
  for (const bool straight : {false, true})
    for (const PredictionInfo& prediction : predictions())
      for (const LossWeightInfo& weight : loss_weights()) {
        CAPTURE(straight, prediction.name, weight.name);
        Training training({"objective.prediction=" + std::string(prediction.name),
                           "objective.weight=" + std::string(weight.name)});
        if (straight) training.schedule = straight_schedule();
        check_alike(training, client);
      }
}

TEST_CASE("devices train a learned variance as the processor", "[xla][train]") {
  const auto client = test::training_client("learned variances");
  if (!client) return;
  const test::ProgramCache cache;
  for (const char* loss : {"hybrid:bound=0.5", "bound"})
    for (const bool straight : {false, true})
      for (const PredictionInfo& prediction : predictions()) {
        if (prediction.prediction == Prediction::ncsn) continue;  // has no such loss
        CAPTURE(loss, straight, prediction.name);
        Training training({"objective.loss=" + std::string(loss), "objective.levels=stratified",
                           "objective.prediction=" + std::string(prediction.name)});
        training.schedule =
            straight ? straight_schedule() : make_schedule("linear:T=6,beta_end=0.5");
        check_alike(training, client);
      }
}

TEST_CASE("weights, moments and averages on a device are the processor's", "[xla][train]") {
  const auto client = test::training_client("states");
  if (!client) return;
  const test::ProgramCache cache;
  const test::Scratch scratch;
  Training training({"train.beta1=0.8", "train.weight_decay=0.5", "train.clip=0.05",
                     "objective.levels=importance", "train.snapshots_every=5"});
  training.images = test::grey_pictures(3);
  training.schedule = make_schedule("cosine:T=3");  // few losses make up its memory
  Trainer device = training.on(client), processor = training.on_processor();
  check_alike(steps_of(device, 20), steps_of(processor, 20));
  check_sets_alike(sets_of(device, scratch), sets_of(processor, scratch));
}

TEST_CASE("weights that no training changes stay on a device as on the processor", "[xla][train]") {
  const auto client = test::training_client("fixed weights");
  if (!client) return;
  const test::ProgramCache cache;
  const test::Scratch scratch;
  Training training({"objective.prediction=ncsn", "train.weight_decay=0.5"});
  training.network = "UNet2DModel";
  training.unet_keys["time_embedding_type"] = "fourier";
  Trainer device = training.on(client), processor = training.on_processor();
  const auto fixed = [](const Trainer& trainer) {
    const nn::Parameters& weights = trainer.network().parameters();
    for (const nn::Param& param : weights.all())
      if (param.training == nn::Training::fixed) {
        const auto values = weights.value(param);
        return std::vector<float>(values.begin(), values.end());
      }
    return std::vector<float>();
  };
  const std::vector<float> before = fixed(device);
  REQUIRE_FALSE(before.empty());
  check_alike(steps_of(device, 3), steps_of(processor, 3));
  device.save(scratch / "device.safetensors");  // brings the weights back
  CHECK(fixed(device) == before);
  CHECK(fixed(processor) == before);
}

TEST_CASE("dropout and classes of a U-Net on a device are the processor's", "[xla][train]") {
  const auto client = test::training_client("a U-Net");
  if (!client) return;
  const test::ProgramCache cache;
  Training training;
  training.network = "UNet2DModel";
  training.unet_keys["dropout"] = 0.2;
  training.images = test::grey_pictures(3);
  check_alike(training, client);
  set_config(training.config, "train.recompute=true");
  check_alike(training, client);
}

// 8 bits are kept of each number: losses and norms, means of many, are off by a few 2^-8.
TEST_CASE("training in bf16 follows float32", "[xla][train]") {
  const auto client = test::training_client("bf16");
  if (!client) return;
  const test::ProgramCache cache;
  Training training;
  training.network = "UNet2DModel";
  Trainer exact = training.on_processor();
  set_config(training.config, "train.precision=bf16");
  Trainer device = training.on(client);
  const auto got = steps_of(device, 20), expected = steps_of(exact, 20);
  check_alike(got, expected, {4 * 0x1p-8, 8 * 0x1p-8});
  CHECK(std::abs(got[0].loss - expected[0].loss) > 2e-6 * expected[0].loss);
}

TEST_CASE("batches in parts, on two devices or one after the other, are the same batches",
          "[xla][train]") {
  const auto one = test::training_client("parts of batches"),
             two = one ? test::training_client("two devices", 2) : nullptr;
  if (!two) return;
  const test::ProgramCache cache;
  const test::Scratch scratch;
  Training training({"objective.levels=importance"});
  training.images = test::grey_pictures(3);
  training.schedule = make_schedule("cosine:T=3");
  Trainer whole = training.on(one), shared = training.on(two);
  const auto expected = steps_of(whole, 20);
  check_alike(steps_of(shared, 20), expected, {1e-5, 1e-5});
  check_sets_alike(sets_of(shared, scratch), sets_of(whole, scratch));
  set_config(training.config, "train.accumulate=2");
  for (const auto& client : {one, two}) {
    Trainer parts = training.on(client);
    check_alike(steps_of(parts, 20), expected, {1e-5, 1e-4});
    check_sets_alike(sets_of(parts, scratch), sets_of(whole, scratch));
  }
}

TEST_CASE("a device goes on where the processor stopped, and the other way round", "[xla][train]") {
  const auto client = test::training_client("going on");
  if (!client) return;
  const test::ProgramCache cache;
  const test::Scratch scratch;
  const Training training;
  Trainer whole = training.on_processor();
  const auto expected = steps_of(whole, 10);
  for (const bool device_first : {true, false}) {
    CAPTURE(device_first);
    Trainer first = device_first ? training.on(client) : training.on_processor();
    auto got = steps_of(first, 5);
    first.save(scratch / "half.safetensors");
    const ModelFile half(scratch / "half.safetensors");
    CHECK(half.description().training["updates"] == 5);
    Trainer second = device_first ? training.on_processor() : training.on(client);
    second.restore(half);
    const auto rest = steps_of(second, 5);
    got.insert(got.end(), rest.begin(), rest.end());
    check_alike(got, expected);
    check_sets_alike(sets_of(second, scratch), sets_of(whole, scratch));
  }
}

TEST_CASE("on a device, stopping and going on equals not stopping, and a run its repetition",
          "[xla][train]") {
  const auto client = test::training_client("repetitions");
  if (!client) return;
  const test::ProgramCache cache;
  const test::Scratch scratch;
  const Training training;
  const auto saved = [&](Trainer& trainer) {
    trainer.save(scratch / "saved.safetensors");
    return read_file(scratch / "saved.safetensors");
  };
  Trainer whole = training.on(client), first = training.on(client), second = training.on(client);
  steps_of(whole, 9);
  steps_of(first, 4);
  saved(first);
  second.restore(ModelFile(scratch / "saved.safetensors"));
  std::vector<float> shown;
  second.with_average([&](const Network& network) {
    const auto values = network.parameters().values();
    shown.assign(values.begin(), values.end());
  });
  CHECK(shown == sets_of(first, scratch).at(ema_prefix(0.9)));
  steps_of(second, 5);
  steps_of(first, 5);
  const std::string bytes = saved(whole);
  CHECK(saved(second) == bytes);
  CHECK(saved(first) == bytes);
}

TEST_CASE("a device takes what was restored, and lends what it has", "[xla][train]") {
  const auto client = test::training_client("restoring");
  if (!client) return;
  const test::ProgramCache cache;
  const test::Scratch scratch;
  const Training training({"train.ema=[]"});
  Trainer trainer = training.on(client), other = training.on_processor();
  const auto file = [&] { return ModelFile(scratch / "some.safetensors"); };
  const auto says = [&](Trainer& of) {
    std::vector<float> said;
    of.with_average([&](const Network& network) {
      const nn::Tensor x({1, 8, 8, 1});
      std::ranges::fill(x.floats(), 0.5f);
      const float time = 10;
      const nn::Tensor y = network.forward(x, {&time, 1}, {}, nullptr);
      said.assign(y.floats().begin(), y.floats().end());
    });
    return said;
  };
  trainer.save(scratch / "some.safetensors");
  const auto expected = steps_of(trainer, 3);
  CHECK(nn::distance(says(trainer), says(other)) > 1e-4);
  trainer.restore(file());
  CHECK(nn::distance(says(trainer), says(other)) < 1e-6);
  check_alike(steps_of(trainer, 3), expected, {0, 0});
  trainer.save(scratch / "some.safetensors");
  other.restore(file());
  CHECK(nn::distance(says(trainer), says(other)) < 1e-6);
}

TEST_CASE("a step on a device that is not finite changes nothing", "[xla][train]") {
  const auto client = test::training_client("broken steps");
  if (!client) return;
  const test::ProgramCache cache;
  const test::Scratch scratch;
  for (const char* parts : {"train.accumulate=1", "train.accumulate=2"}) {
    CAPTURE(parts);
    Training training({parts});
    const std::vector<float> broken(64, std::numeric_limits<float>::quiet_NaN());
    training.images.add(broken, Depth::float32);
    Trainer device = training.on(client), processor = training.on_processor();
    std::size_t skipped = 0;
    for (int i = 0; i < 12; ++i) {
      const auto before = sets_of(device, scratch);
      const StepReport got = device.step(), expected = processor.step();
      CHECK(got.skipped == expected.skipped);
      CHECK((sets_of(device, scratch) == before) == got.skipped);
      if (!got.skipped) CHECK(got.loss == Approx(expected.loss).epsilon(1e-3).margin(0));
      skipped += got.skipped ? 1 : 0;
    }
    CHECK(skipped > 2);
    CHECK(skipped < 10);
    const ModelFile file(scratch / "sets.safetensors");
    CHECK(file.description().training["updates"] == 12 - skipped);
  }
}

TEST_CASE("devices refuse what they can't train", "[xla][train]") {
  const auto client = test::training_client("refusals of training", 2);
  if (!client) return;
  const test::ProgramCache cache;
  const auto refusal = [&](const Training& training) -> std::string {
    try {
      training.on(client);
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  };
  CHECK(refusal(Training({"train.batch=9"})) ==
        "`batch` is 9 and must be a multiple of 2: 2 devices");
  CHECK(refusal(Training({"train.batch=10", "train.accumulate=2"})) ==
        "`batch` is 10 and must be a multiple of 4: 2 devices times `accumulate` 2");
  const Training training;
  const TrainingDevice device{client, {}};
  CHECK_THROWS_WITH(Trainer(std::make_unique<test::LinearNetwork>(), training.images,
                            training.schedule, training.config, {}, device),
                    Contains("not written down as a graph"));
  CHECK_THROWS_WITH(Trainer(training.made(), training.images, training.schedule, training.config,
                            {.rank = 0, .count = 2}, device),
                    Contains("ranks train on processors"));
  const TrainingDevice full{client,
                            {.begins = [] { throw xla::OutOfDeviceMemory("9 GB wanted"); }}};
  CHECK_THROWS_WITH(
      Trainer(training.made(), training.images, training.schedule, training.config, {}, full),
      Contains("the device's memory does not suffice (9 GB wanted)") && Contains("`batch`") &&
          Contains("`accumulate`"));
  Training tf32({"train.precision=tf32"});
  CHECK_THROWS_WITH(tf32.on_processor(), Contains("`precision` tf32 is for devices"));
  CHECK(refusal(tf32) == "");
}
