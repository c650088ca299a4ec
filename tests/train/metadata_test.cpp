// Model files whose metadata is JSON of other types than ours.
#include <functional>

#include "lib/base/error.hpp"
#include "lib/models/checkpoint.hpp"
#include "lib/models/model.hpp"
#include "lib/train/evaluation.hpp"
#include "lib/train/picture_reading.hpp"
#include "lib/train/resume.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;

namespace {

ModelDescription sound() {
  return {.model = {{"_class_name", "UNet2DModel"}},
          .schedule = {{"family", "cosine"}, {"T", 10}},
          .objective = {{"prediction", "v"}, {"weight", "uniform"}, {"loss", "simple"}},
          .data = {{"size", {8, 8}}, {"channels", 1}, {"images", 5}, {"classes", 0}},
          .training = {{"steps", 1}, {"config", {{"train", {{"batch", 8}}}}}}};
}

/// What `look` says of such a file, after its name.
std::string refusal(const ModelDescription& description,
                    const std::function<void(const std::string& path)>& look) {
  const test::Scratch scratch;
  const std::string path = scratch / "m.safetensors";
  write_model_file(path, description, nn::Parameters(), {});
  try {
    look(path);
  } catch (const Error& e) {
    const std::string what = e.what();
    return what.starts_with(path + ": ") ? what.substr(path.size() + 2) : what;
  }
  return "";
}

const auto evaluated = [](const std::string& path) { trained_for(ModelFile(path)); };
const auto resumed = [](const std::string& path) {
  const ModelFile file(path);
  need_same_images(file, 5);
  resolved_config({.resumed = &file});
};
const auto loaded = [](const std::string& path) {
  ModelOptions options;
  options.weights = "raw";
  load_model(path, options);
};

}  // namespace

TEST_CASE("metadata that is sound is taken", "[models]") {
  CHECK(refusal(sound(), evaluated).empty());
  CHECK(refusal(sound(), resumed).empty());
  CHECK(refusal(sound(), loaded).find("has no array") == 0);  // it goes on to the weights
}

TEST_CASE("an objective of other types is refused by key", "[models]") {
  ModelDescription odd = sound();
  odd.objective["weight"] = 3;
  CHECK(refusal(odd, evaluated) == "metadata 'objective': weight: must be a string, got 3");
  odd = sound();
  odd.objective["loss"] = {1};
  CHECK(refusal(odd, evaluated) == "metadata 'objective': loss: must be a string, got [1]");
  odd = sound();
  odd.objective["prediction"] = nullptr;
  CHECK(refusal(odd, evaluated) == "metadata 'objective': prediction: must be a string, got null");
}

TEST_CASE("a training record of other types is refused by key", "[models]") {
  ModelDescription odd = sound();
  odd.data["images"] = "many";
  CHECK(refusal(odd, resumed) ==
        "metadata 'data': images: must be a whole number from 0, got \"many\"");
  odd = sound();
  odd.training["config"] = 1;
  CHECK(refusal(odd, resumed) == "metadata 'training': config: must be a JSON object, got 1");
  odd = sound();
  odd.training["config"]["data"] = {{"size", {{"H", 8}}}};
  CHECK(refusal(odd, resumed).starts_with("data.size: must be N, [H, W], \"HxW\" or null"));
  for (const Json& batch : {Json(std::uint64_t(1) << 63), Json(0), Json("x"), Json(1.5)}) {
    odd = sound();
    odd.training["config"]["train"]["batch"] = batch;
    CHECK(
        refusal(odd, resumed).starts_with("train.batch: must be a whole number from 1 to 1048576"));
  }
}

TEST_CASE("a file tells how pictures were read and one without the keys how they were before",
          "[models]") {
  ModelDescription file = sound();
  const auto reading = [&] {
    PictureReading found;
    const auto look = [&](const std::string& path) { found = trained_reading(ModelFile(path)); };
    CHECK(refusal(file, look).empty());
    return found;
  };
  CHECK_FALSE(reading().opacity);  // nothing is said of any data
  Json& data = file.training["config"]["data"] = Json::object();
  REQUIRE(reading().opacity);
  CHECK_FALSE(reading().opacity->ground);  // dropped
  CHECK_FALSE(reading().orient);
  CHECK(reading().sixteen == SixteenBits::scale);
  data = {{"alpha", "flatten=black"}, {"orient", true}, {"16_bit", "pillow"}};
  CHECK(reading().opacity->ground == Colour{-1, -1, -1});
  CHECK(reading().orient);
  CHECK(reading().sixteen == SixteenBits::pillow);
  data["16_bit"] = "some";
  const auto read = [](const std::string& path) { trained_reading(ModelFile(path)); };
  CHECK(refusal(file, read) == "data.16_bit: must be \"scale\" or \"pillow\", got \"some\"");
  data = {{"alpha", "grey"}};
  CHECK(refusal(file, read) == "data.alpha: must be \"flatten=COLOUR\" or \"drop\", got \"grey\"");
}

TEST_CASE("sizes and classes of other types are refused by key", "[models]") {
  ModelDescription odd = sound();
  odd.data["size"] = {8, std::int64_t(1) << 40};
  CHECK(refusal(odd, loaded) ==
        "metadata 'data': size[1]: must be a whole number from 1 to 65536, got 1099511627776");
  odd.data["size"] = "8x8";
  CHECK(refusal(odd, loaded) == "metadata 'data': size: must be [height, width], got \"8x8\"");
  odd = sound();
  odd.data["classes"] = "two";
  CHECK(refusal(odd, loaded).starts_with("metadata 'data': classes: must be a whole number"));
  odd = sound();
  odd.objective["label_dropout"] = "x";
  odd.data["classes"] = 2;
  odd.model["num_class_embeds"] = 3;
  CHECK(refusal(odd, loaded) == "metadata 'objective': label_dropout: must be a number, got \"x\"");
  odd.objective["label_dropout"] = 0.1;
  odd.data["label_names"] = {"cat", 7};
  CHECK(refusal(odd, loaded) == "metadata 'data': label_names[1]: must be a string, got 7");
}

TEST_CASE("a configuration of a network far larger than its file takes no memory", "[models]") {
  ModelDescription odd = sound();
  odd.model["block_out_channels"] = {1024, 1024, 1024, 1024};
  odd.model["layers_per_block"] = 3;
  CHECK(refusal(odd, loaded).starts_with("has no array"));
}
