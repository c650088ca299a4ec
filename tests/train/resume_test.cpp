#include "lib/train/resume.hpp"

#include <algorithm>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/schedule/schedule_json.hpp"
#include "lib/train/settings.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/linear_network.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;

namespace {

/// A file as a run of `config` on 12 images leaves it, with an average of its weights.
ModelFile saved(const test::Scratch& scratch, const Json& config) {
  const std::string path = scratch / "m.safetensors";
  Json model = config["model"];
  model["sample_size"] = 8;
  nn::Parameters names;
  names.add("scale", {1});
  names.add("offset", {1, 1});
  const std::vector<float> raw{1, 2}, average{3, 4};
  const WeightSet sets[] = {{"", raw}, {ema_prefix(0.9), average}};
  write_model_file(path,
                   {.model = model,
                    .schedule = schedule_to_json(make_schedule("cosine:T=5")),
                    .objective = {{"prediction", config["objective"]["prediction"]}},
                    .data = {{"images", 12}},
                    .training = {{"config", config}}},
                   names, sets);
  return ModelFile(path);
}

Json trained_config() {
  Json config = default_config();
  set_config(config, "objective.prediction=eps");
  set_config(config, "train.lr=0.5");
  set_config(config, "model.dropout=0.1");
  return config;
}

}  // namespace

TEST_CASE("later sources of a configuration go over earlier ones", "[train]") {
  const test::Scratch scratch;
  const std::string file =
      scratch.write("c.json", R"({"train": {"lr": 1, "steps": 7, "batch": 3}})");
  const Json config = resolved_config({.file = file,
                                       .assignments = {"train.lr=2", "train.steps=8"},
                                       .settings = {{"train.lr", "3"}}});
  CHECK(config["train"]["lr"] == 3);
  CHECK(config["train"]["steps"] == 8);
  CHECK(config["train"]["batch"] == 3);
  CHECK(config["train"]["warmup"] == default_config()["train"]["warmup"]);
  CHECK(resolved_config({}) == default_config());
}

TEST_CASE("a resumed run has its own configuration, and keeps what weights depend on", "[train]") {
  const test::Scratch scratch;
  const ModelFile file = saved(scratch, trained_config());
  CHECK(resolved_config({.resumed = &file}) == trained_config());
  CHECK(resolved_config({.resumed = &file, .assignments = {"train.lr=1"}})["train"]["lr"] == 1);
  CHECK_THROWS_WITH(resolved_config({.resumed = &file, .assignments = {"train.seed=1"}}),
                    file.name() +
                        ": was trained with another train.seed (0, not 1); `resume` "
                        "cannot change that");
  CHECK_THROWS_WITH(
      resolved_config({.resumed = &file, .settings = {{"objective.prediction", "v"}}}),
      Contains("another objective.prediction"));
}

TEST_CASE("a run from a model inherits its network and what it predicts, no more", "[train]") {
  const test::Scratch scratch;
  const TrainedNetwork from = open_trained_network(saved(scratch, trained_config()).name());
  const Json config = resolved_config({.from = &from});
  CHECK(config["objective"]["prediction"] == "eps");
  CHECK(config["model"] == trained_config()["model"]);  // of images of any size
  CHECK(config["train"] == default_config()["train"]);
  const Json without = resolved_config({.from = &from, .assignments = {"model.dropout=0"}});
  CHECK(without["model"]["dropout"] == 0);
  CHECK_THROWS_WITH(resolved_config({.from = &from, .assignments = {"model.layers_per_block=3"}}),
                    Contains("its network has another model.layers_per_block (1, not 3); `from`"));
}

TEST_CASE("a model file without a record cannot be gone on from", "[train]") {
  const test::Scratch scratch;
  nn::Parameters none;
  none.add("scale", {1});
  const std::vector<float> one{1};
  const WeightSet set[] = {{"", one}};
  write_model_file(scratch / "m",
                   {{{"_class_name", "Linear"}},
                    schedule_to_json(make_schedule("cosine:T=5")),
                    {{"prediction", "v"}},
                    Json::object(),
                    Json::object()},
                   none, set);
  const ModelFile file(scratch / "m");
  CHECK_THROWS_WITH(resolved_config({.resumed = &file}), Contains("has no training record"));
}

TEST_CASE("going on needs as many images as before", "[train]") {
  const test::Scratch scratch;
  const ModelFile file = saved(scratch, trained_config());
  CHECK_NOTHROW(need_same_images(file, 12));
  CHECK_THROWS_WITH(need_same_images(file, 1),
                    Contains("was trained on 12 images, and these are 1; `resume`"));
}

TEST_CASE("fine-tuning begins with the weights that would be sampled", "[train]") {
  const test::Scratch scratch;
  test::LinearNetwork network;
  open_trained_network(saved(scratch, trained_config()).name()).fill(network);
  CHECK(std::ranges::equal(network.parameters().values(), std::vector<float>{3, 4}));
}

TEST_CASE("how much memory a machine has is not recorded", "[train]") {
  Json config = default_config();
  set_config(config, "data.memory=5M");
  const Json recorded = of_the_run(config);
  CHECK_FALSE(recorded["data"].contains("memory"));
  CHECK(recorded["data"]["size"] == config["data"]["size"]);
}
