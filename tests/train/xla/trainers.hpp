// Trainings on the processor and on the plugin's devices, side by side.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>

#include "lib/rng/noise_source.hpp"
#include "lib/train/trainer.hpp"
#include "lib/train/variational_loss.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/mlp_network.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/xla_plugin.hpp"

namespace diffusion::test {

/// Of 8 x 8 grey pixels of 8 bits, some of them black or white.
inline TrainingSet grey_pictures(std::size_t classes = 0) {
  TrainingSet images(8, 8, 1);
  std::vector<float> pixels(64);
  for (std::size_t n = 0; n < 21; ++n) {
    NoiseSource(1, "test").fill(pixels, n, 0);
    for (float& p : pixels)
      p = float(std::round(std::clamp(127.5 + 150 * double(p), 0.0, 255.0)) / 127.5 - 1);
    if (classes > 0)
      images.add(pixels, Depth::uint8, int(n % classes));
    else
      images.add(pixels, Depth::uint8);
  }
  return images;
}

/// What is trained, and on what.
struct Training {
  TrainingSet images = grey_pictures();
  Schedule schedule = make_schedule("cosine:T=10");
  Json config = default_config();
  std::string network = "TestMLP";
  Json unet_keys = Json::object();  // over those of the tiny U-Net

  Training(const std::vector<std::string>& settings = {}) {
    for (const char* setting : {"train.batch=8", "train.steps=20", "train.warmup=4",
                                "train.ema=[0.9,0.5]", "objective.label_dropout=0.3"})
      set_config(config, setting);
    for (const std::string& setting : settings) set_config(config, setting);
  }

  std::unique_ptr<Network> made() const {
    std::vector<NetworkInfo> rows(networks().begin(), networks().end());
    rows.push_back(mlp_network());
    Json start = {{"_class_name", network}};
    if (network == "TestMLP")
      start["hidden"] = 24;
    else
      start.merge_patch(tiny_unet());
    const NetworkInfo& row = network_row(start, rows);
    const bool learns = make_loss_kind(config["objective"]["loss"]).learns_variance();
    return make_network(
        row.fit(
            start,
            {{8, 8}, 1, images.classes(), learns ? VarianceOutput::learned : VarianceOutput::none}),
        1, rows);
  }
  Json tiny_unet() const {
    Json keys = parse_json(R"({"block_out_channels": [8], "layers_per_block": 1,
                               "norm_num_groups": 4, "mid_block_type": null,
                               "down_block_types": ["DownBlock2D"],
                               "up_block_types": ["UpBlock2D"]})",
                           "network");
    keys.update(unet_keys);
    return keys;
  }

  Trainer on_processor() const { return {made(), images, schedule, config}; }
  Trainer on(const std::shared_ptr<xla::Client>& client) const {
    return {made(), images, schedule, config, {}, {client, {}}};
  }
};

/// While it lives, programs are kept in a folder of its own, so that each is compiled once.
class ProgramCache {
 public:
  ProgramCache() { setenv("XDG_CACHE_HOME", scratch_.folder().c_str(), 1); }

 private:
  Scratch scratch_;
};

/// One device of the plugin's, or more; null without a plugin.
inline std::shared_ptr<xla::Client> training_client(const std::string& test, int devices = 1) {
  if (!xla_client(test)) return nullptr;
  std::vector<int> numbers;
  for (int i = 0; i < devices; ++i) numbers.push_back(i);
  return xla::Client::open(std::getenv("DIFFUSION_XLA_PLUGIN"), {numbers});
}

inline std::vector<StepReport> steps_of(Trainer& trainer, int count) {
  std::vector<StepReport> reports;
  for (int i = 0; i < count; ++i)
    reports.push_back(trainer.step(i + 1 < count ? Trainer::Next::follows : Trainer::Next::waits));
  return reports;
}

/// How far losses and norms may lie from each other, of what they are.
struct Tolerance {
  double first = 1e-4, later = 1e-3;
};

inline void check_alike(const std::vector<StepReport>& got, const std::vector<StepReport>& expected,
                        Tolerance tolerance = {}) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double most = i == 0 ? tolerance.first : tolerance.later;
    CAPTURE(i);
    CHECK(got[i].step == expected[i].step);
    CHECK(!got[i].skipped);
    CHECK(got[i].learning_rate == expected[i].learning_rate);
    CHECK(got[i].loss == Approx(expected[i].loss).epsilon(most).margin(0));
    CHECK(got[i].gradient_norm == Approx(expected[i].gradient_norm).epsilon(10 * most).margin(0));
  }
}

}  // namespace diffusion::test
