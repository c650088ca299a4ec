#include "lib/train/config.hpp"

#include "lib/base/error.hpp"
#include "lib/train/model_config.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

Json with(const std::string& assignment) {
  Json config = default_config();
  set_config(config, assignment);
  return config;
}

Json fitted(const std::string& model, std::size_t height, std::size_t width, std::size_t channels) {
  return fitting_model(parse_json(model, "test"), TrainingSet(height, width, channels));
}

std::vector<double> widths(const Json& config) {
  std::vector<double> all;
  for (const Averaging& averaging : parse_config(config).averages) all.push_back(averaging.width);
  return all;
}

}  // namespace

TEST_CASE("the default configuration is the recipe", "[train]") {
  const TrainConfig config = parse_config(default_config());
  CHECK(config.prediction == Prediction::v);
  CHECK(config.batch == 64);
  CHECK(config.learning_rate == 0.003);
  CHECK(config.warmup == 100);
  CHECK(config.clip == 1);
  REQUIRE(config.averages.size() == 1);
  CHECK(config.averages[0].width == 0.995);
  CHECK(config.snapshots_every == 0);
  CHECK(config.model["block_out_channels"] == Json::array({16, 32, 64}));
  for (const Setting& row : settings()) CHECK(row.valid(Json::parse(row.fallback)));
}

TEST_CASE("values are read as JSON, lists or texts", "[train]") {
  CHECK(with("train.lr=1e-4")["train"]["lr"] == 1e-4);
  CHECK(with("train.ema=0.9,0.99")["train"]["ema"] == Json::array({0.9, 0.99}));
  CHECK(with("train.decay=cosine:end=0.1")["train"]["decay"] == "cosine:end=0.1");
  CHECK(with("model.norm_num_groups=4")["model"]["norm_num_groups"] == 4);
  CHECK(widths(with("train.ema=0.9,0.99,0.9")) == std::vector<double>{0.99, 0.9});
  CHECK(widths(with("train.ema=[]")).empty());
  Json snapshots = with("train.ema_power=0.1,0.05,0.1");
  CHECK(widths(snapshots) == std::vector<double>{0.995});
  set_config(snapshots, "train.snapshots_every=10");
  CHECK(widths(snapshots) == std::vector<double>{0.995, 0.05, 0.1});
  using Size = std::optional<ImageSize>;
  CHECK(parse_config(with("data.size=32")).data.size == Size({32, 32}));
  CHECK(parse_config(with("data.size=28x20")).data.size == Size({28, 20}));
  CHECK(parse_config(with("data.size=[28, 20]")).data.size == Size({28, 20}));
  CHECK(parse_config(with("data.size=null")).data.size == std::nullopt);
}

TEST_CASE("later layers of the configuration win, and leave the rest", "[train]") {
  Json config = default_config();
  merge_config(config, parse_json(R"({"train": {"lr": 1, "steps": 7}, "model": {"x": 1}})", "f"),
               "f");
  set_config(config, "train.lr=2");
  CHECK(config["train"]["lr"] == 2);
  CHECK(config["train"]["steps"] == 7);
  CHECK(config["train"]["batch"] == 64);
  CHECK(config["model"]["x"] == 1);
  CHECK(config["model"]["layers_per_block"] == 1);
}

TEST_CASE("the configuration names the network, and lists what there is", "[train]") {
  CHECK(with("model._class_name=UNet2DModel") == default_config());
  CHECK_THROWS_WITH(with("model._class_name=none"),
                    StartsWith("`set` model._class_name: no network 'none' (has: UNet2DModel"));
  CHECK_THROWS_WITH(with("model._class_name=3"),
                    "`set` model._class_name: model config: _class_name: must be a string, got 3");
  Json config = default_config();
  CHECK_THROWS_WITH(
      merge_config(config, Json::parse(R"({"model": {"_class_name": "none"}})"), "c.json"),
      StartsWith("c.json: model._class_name: no network 'none' (has: UNet2DModel"));
}

TEST_CASE("mistakes in the configuration are named", "[train]") {
  CHECK_THROWS_WITH(with("train.step=3"),
                    "`set` train.step: no such setting; did you mean train.steps?");
  CHECK_THROWS_WITH(with("lr=3"), "`set` lr: no such setting; did you mean train.lr?");
  CHECK_THROWS_WITH(with("train.momentum=3"),
                    "`set` train.momentum: no such setting; `print-config` shows all");
  CHECK_THROWS_WITH(with("train.steps=many"),
                    "`set` train.steps: must be a whole number from 1 to 10^12, got "
                    "\"many\"");
  CHECK_THROWS_WITH(with("train.steps=0"), StartsWith("`set` train.steps: must be"));
  CHECK_THROWS_WITH(with("train.lr=-1"), "`set` train.lr: must be a number above 0, got -1");
  CHECK_THROWS_WITH(with("train.ema=1"), StartsWith("`set` train.ema: must be"));
  CHECK_THROWS_WITH(with("data.size=3x"), StartsWith("`set` data.size: must be"));
  CHECK_THROWS_WITH(with("train.lr"), StartsWith("`set` train.lr: must be key.path=value"));
  CHECK_THROWS_WITH(parse_config(with("train.decay=cosin")), StartsWith("train.decay: unknown"));
  CHECK_THROWS_WITH(parse_config(with("objective.weight=min-snr:gama=1")),
                    "objective.weight: min-snr: no parameter 'gama' (has: gamma)");
  CHECK_THROWS_WITH(
      parse_config(with("objective.prediction=w")),
      "objective.prediction: unknown prediction 'w' (have: eps, x0, v, u, score, ncsn, edm)");
  Json config = default_config();
  CHECK_THROWS_WITH(merge_config(config, Json::parse(R"({"trian": {"lr": 1}})"), "c.json"),
                    "c.json: trian: no such setting; did you mean train?");
  CHECK_THROWS_WITH(merge_config(config, Json::parse(R"({"train": 1})"), "c.json"),
                    "c.json: train: must be an object, got 1");
  CHECK_THROWS_WITH(merge_config(config, Json::array(), "c.json"), "c.json: must be a JSON object");
}

TEST_CASE("a resumed run may change how, not what it trains", "[train]") {
  const Json then = default_config();
  CHECK(fixed_difference(then, with("train.steps=9")) == std::nullopt);
  CHECK(fixed_difference(then, with("train.lr=9")) == std::nullopt);
  CHECK(fixed_difference(then, with("train.seed=9")) == "train.seed (0, not 9)");
  CHECK(fixed_difference(then, with("data.flip=true")) == "data.flip (false, not true)");
  CHECK(fixed_difference(then, with("model.layers_per_block=2"))
            ->starts_with("model.layers_per_block (1, not 2)"));
}

TEST_CASE("what devices alone heed is parsed", "[train]") {
  Json config = default_config();
  CHECK(parse_config(config).accumulate == 1);
  CHECK(!parse_config(config).tf32);
  set_config(config, "train.accumulate=4");
  set_config(config, "train.precision=tf32");
  CHECK(parse_config(config).accumulate == 4);
  CHECK(parse_config(config).tf32);
  CHECK(parse_config(config).precision == nn::DType::float32);
  config["train"].erase("accumulate");  // as in older files
  CHECK(parse_config(config).accumulate == 1);
}

TEST_CASE("the network is made to fit the images", "[train]") {
  const Json model = fitted(R"({"block_out_channels": [16, 32, 64]})", 28, 28, 1);
  CHECK(model["sample_size"] == 28);
  CHECK(model["in_channels"] == 1);
  CHECK(model["out_channels"] == 1);
  CHECK(model["norm_num_groups"] == 8);
  CHECK(model["down_block_types"].size() == 3);
  CHECK(fitted(R"({"block_out_channels": [12, 24]})", 4, 6, 3)["norm_num_groups"] == 4);
  CHECK(fitted(R"({"block_out_channels": [12, 24]})", 4, 6, 3)["attention_head_dim"] == 4);
  CHECK(fitted(R"({"block_out_channels": [12, 24]})", 4, 6, 3)["sample_size"] ==
        Json::array({4, 6}));
  CHECK(fitted(R"({"block_out_channels": [1]})", 3, 3, 1)["norm_num_groups"] == 1);
  CHECK(fitted(R"({"block_out_channels": [64], "norm_num_groups": 2})", 3, 3,
               1)["norm_num_groups"] == 2);
}

TEST_CASE("images that the network cannot take are refused", "[train]") {
  CHECK_THROWS_WITH(
      fitted(R"({"block_out_channels": [16, 32, 64]})", 30, 28, 1),
      "the images are 30 x 28 pixels, but a network of 3 levels needs sides that are multiples of "
      "4; `size` 32x28 resizes them, or give fewer `channels`");
  CHECK_THROWS_WITH(fitted(R"({"block_out_channels": [16], "in_channels": 3})", 4, 4, 1),
                    "model.in_channels: is 3 where the images need 1");
  CHECK_THROWS_WITH(fitted(R"({"block_out_channels": 16})", 4, 4, 1),
                    StartsWith("model.block_out_channels: must be"));
  CHECK_THROWS_WITH(fitted(R"({"block_out_channels": [0]})", 4, 4, 1),
                    StartsWith("model.block_out_channels[0]: must be"));
}
