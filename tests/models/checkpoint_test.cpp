#include "lib/models/checkpoint.hpp"

#include "lib/base/error.hpp"
#include "lib/models/model_denoiser.hpp"
#include "lib/schedule/schedule_json.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/linear_network.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/tensors.hpp"

using namespace diffusion;

namespace {

ModelDescription description() {
  return {.model = {{"_class_name", "Linear"}},
          .schedule = schedule_to_json(make_schedule("cosine:T=5")),
          .objective = {{"prediction", "eps"}},
          .data = Json::object(),
          .training = Json::object()};
}

nn::Parameters two_weights() {
  nn::Parameters names;
  names.add("a.weight", {2, 1});
  names.add("b", {3});
  return names;
}

/// What opening a file of this metadata says, without the file's name.
std::string verdict(const SafetensorsMetadata& metadata) {
  const test::Scratch scratch;
  const std::string path = scratch / "m.safetensors";
  write_safetensors(path, {}, metadata);
  try {
    const ModelFile file(path);
    return "sound";
  } catch (const Error& e) {
    return std::string(e.what()).substr(path.size());
  }
}

}  // namespace

TEST_CASE("a model file gives back what was written", "[models]") {
  const test::Scratch scratch;
  const std::string path = scratch / "m.safetensors";
  const nn::Parameters names = two_weights();
  const std::vector<float> raw = {1, 2, 3, 4, 5}, slow = {6, 7, 8, 9, 10}, fast(5, 11);
  const WeightSet sets[] = {{"", raw}, {ema_prefix(0.5), fast}, {ema_prefix(0.9999), slow}};
  write_model_file(path, description(), names, sets);

  const ModelFile file(path);
  CHECK(file.description().model == description().model);
  CHECK(file.description().schedule == description().schedule);
  CHECK(file.schedule().levels.size() == 5);
  CHECK(file.prediction() == Prediction::eps);
  CHECK(file.ema_rates() == std::vector<double>{0.9999, 0.5});
  CHECK(file.prefix_of("") == "ema.0.9999/");
  CHECK(file.prefix_of("ema") == "ema.0.9999/");
  CHECK(file.prefix_of("ema:0.5") == "ema.0.5/");
  CHECK(file.prefix_of("raw") == "");
  CHECK_THROWS_WITH(file.prefix_of("ema:0.7"),
                    EndsWith(": has no weights 'ema:0.7' (have: raw, ema:0.9999, ema:0.5)"));
  std::vector<float> read(5);
  file.read("", names, read);
  CHECK(read == raw);
  file.read(file.prefix_of("ema"), names, read);
  CHECK(read == slow);
  file.read("ema.0.5/", names, read);
  CHECK(read == fast);
}

TEST_CASE("a model file's arrays must be those of its network", "[models]") {
  const test::Scratch scratch;
  const std::string path = scratch / "m.safetensors";
  const std::vector<float> values = {1, 2, 3, 4, 5};
  const WeightSet sets[] = {{"", values}};
  write_model_file(path, description(), two_weights(), sets);
  const ModelFile file(path);
  std::vector<float> out(10);
  const auto read_as = [&](const nn::Parameters& names) {
    file.read("", names, std::span(out).first(names.size()));
  };
  nn::Parameters fewer, more = two_weights(), other;
  fewer.add("a.weight", {2, 1});
  more.add("c", {1});
  other.add("a.weight", {1, 2});
  other.add("b", {3});
  CHECK_THROWS_WITH(read_as(fewer), EndsWith(": the array 'b' is not a part of its network"));
  CHECK_THROWS_WITH(read_as(more), EndsWith(": has no array 'c'"));
  CHECK_THROWS_WITH(read_as(other), EndsWith(": the array 'a.weight' has the shape [2, 1] where "
                                             "the network needs [1, 2]"));
  CHECK_THROWS_WITH(file.prefix_of("ema"), EndsWith("has no weights 'ema' (have: raw)"));
  CHECK(file.prefix_of("").empty());
  CHECK_THROWS_WITH(file.network(), Contains("metadata 'model': "));
}

TEST_CASE("weights are found under the names of early diffusers releases", "[models]") {
  const test::Scratch scratch;
  const std::string path = scratch / "m.safetensors";
  nn::Parameters then, now;
  then.add("mid_block.attentions.0.query.weight", {1, 2});
  then.add("mid_block.attentions.0.proj_attn.bias", {1});
  now.add("mid_block.attentions.0.to_q.weight", {1, 2});
  now.add("mid_block.attentions.0.to_out.0.bias", {1});
  const std::vector<float> values = {1, 2, 3};
  const WeightSet sets[] = {{"", values}, {ema_prefix(0.9), values}};
  ModelDescription unet = description();
  unet.model = {{"_class_name", "UNet2DModel"}};
  write_model_file(path, unet, then, sets);
  std::vector<float> read(3);
  ModelFile(path).read("ema.0.9/", now, read);
  CHECK(read == values);
}

TEST_CASE("files that are no models are refused", "[models]") {
  SafetensorsMetadata metadata = {
      {"format", "diffusion-model"}, {"version", "1"}, {"model", "{}"},   {"schedule", "{}"},
      {"objective", "{}"},           {"data", "{}"},   {"training", "{}"}};
  CHECK(verdict(metadata) == "sound");
  CHECK(verdict({}).starts_with(": a safetensors file, but not a model of these tools"));
  const auto changed = [&](const std::string& key, const std::string& value) {
    SafetensorsMetadata other = metadata;
    other[key] = value;
    return verdict(other);
  };
  CHECK(changed("version", "2") ==
        ": version '2' of the model format is not known here (known: 1)");
  CHECK(changed("data", "[]") == ": metadata 'data': must be a JSON object, got []");
  CHECK(changed("data", "{").starts_with(": metadata 'data': not valid JSON"));
  metadata.erase("training");
  CHECK(verdict(metadata) == ": its metadata has no 'training'");
}

TEST_CASE("a network becomes a denoiser", "[models]") {
  const auto network = std::make_shared<test::LinearNetwork>();
  network->parameters().values()[1] = 0.25f;
  const Tensor x = testing::normals(Shape{3, 2, 2, 1}, 0);
  const NoiseLevel at = make_schedule("cosine:T=10").at(7);
  const auto output = [&](float value) { return 0.5 * value + 0.25 + 0.001 * at.timestep; };
  const Denoised eps = model_denoiser(network, {Prediction::eps, Path::variance_preserving})(x, at);
  const Denoised v = model_denoiser(network, {Prediction::v, Path::variance_preserving})(x, at);
  REQUIRE(eps.x0.shape() == x.shape());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double value = x.data()[i];
    CHECK(eps.x0.data()[i] ==
          Approx((value - at.sigma * output(float(value))) / at.alpha).margin(1e-5));
    CHECK(v.x0.data()[i] ==
          Approx(at.alpha * value - at.sigma * output(float(value))).margin(1e-6));
  }
}
