// Networks that diffusers saved draw what they draw there.
#include <filesystem>

#include "lib/base/error.hpp"
#include "lib/models/model.hpp"
#include "lib/noise/wrappers.hpp"
#include "lib/sample/generate.hpp"
#include "lib/schedule/grids/grid.hpp"
#include "lib/tensor/formats/npy.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/tensors.hpp"

using namespace diffusion;
using testing::largest_difference;
namespace fs = std::filesystem;

namespace {

const std::string data = TEST_DATA_DIR "/diffusers/";

Tensor array(const std::string& name) { return read_npy(data + name).to_tensor(); }

struct Way {
  std::string sampler;
  int steps;
  std::optional<Tensor> draws = {};
};

Tensor drawn(const Model& model, const DenoiserOf& denoiser, const Way& way) {
  const auto grid = make_grid("trailing", *model.schedule, way.steps);
  const Sampler sampler = make_sampler(way.sampler);
  const NoiseSource noise(0, "test");
  Tensor all;
  generate({.shape = model.shape,
            .count = 2,
            .batch = 2,
            .start = start_from_states(array("start.npy")),
            .draws = way.draws},
           {denoiser, sampler, grid, model.schedule->path, noise}, {},
           [&](std::size_t, const Tensor& x) { all = x; });
  return all;
}

/// A copy of `old` with one file changed, or without it where it becomes empty.
std::string verdict(const std::string& file, const std::string& content) {
  const test::Scratch scratch;
  const std::string folder = scratch / "net";
  fs::copy(data + "old", folder);
  fs::remove(folder + "/" + file);
  if (!content.empty()) write_file(folder + "/" + file, content);
  try {
    load_model(folder + "/");
  } catch (const Error& e) {
    const std::string what = e.what();
    CHECK(what.starts_with(folder));
    return what.substr(folder.size());
  }
  return "sound";
}

}  // namespace

TEST_CASE("a pipeline's folder draws what DDPMPipeline draws", "[models]") {
  const Model model = load_model(data + "pipeline");
  CHECK(model.shape == Shape{8, 4, 3});
  CHECK(model.schedule->steps() == 10);
  CHECK(model.images);
  const DenoiserOf denoiser = [&](auto, auto) { return clipped(model.denoiser({})); };
  const Tensor got = drawn(model, denoiser, {"ddim:eta=1", 10, array("noise.npy")});
  CHECK(largest_difference(got, array("ddpm.npy")) < 1e-5);
}

TEST_CASE("a folder of the first releases draws what DDIMPipeline draws", "[models]") {
  const Model model = load_model(data + "old/");
  const DenoiserOf denoiser = [&](auto, auto) { return model.denoiser({}); };
  CHECK(largest_difference(drawn(model, denoiser, {"ddim", 5}), array("ddim.npy")) < 1e-5);
}

TEST_CASE("folders that are no networks of diffusers are refused by file", "[models]") {
  CHECK(verdict("config.json", "") ==
        ": has no config.json, so it is not a network that diffusers saved");
  CHECK(verdict("config.json", "{}") ==
        "/config.json: says no sample_size, so that there is no "
        "size to draw");
  CHECK(verdict("config.json", R"({"act_fn": "tanh", "sample_size": 8})")
            .starts_with("/config.json: model config: "));
  CHECK(verdict("diffusion_pytorch_model.bin", "") ==
        ": has neither diffusion_pytorch_model.safetensors nor diffusion_pytorch_model.bin, nor an "
        "index of several");
  CHECK(
      verdict("diffusion_pytorch_model.bin", "text").starts_with("/diffusion_pytorch_model.bin: "));
  CHECK(verdict("scheduler_config.json", "") ==
        ": has neither scheduler/scheduler_config.json nor scheduler_config.json, and a network "
        "does not say itself what noise it was trained on: `schedule` says it");
  CHECK(verdict("scheduler_config.json", R"({"_class_name": "NoScheduler"})")
            .starts_with("/scheduler_config.json: _class_name 'NoScheduler' is not known"));
  CHECK(verdict("model_index.json", R"({"vae": [], "unet": []})") ==
        "/model_index.json: a pipeline with a vae; only those that make images by a unet or a "
        "transformer alone are run here, or that network by itself: name its folder, and by "
        "`schedule` that of its scheduler");
  CHECK(
      verdict("model_index.json", R"({"prior": []})") ==
      "/model_index.json: a pipeline without a unet or a transformer, which is all that is run of "
      "one here");
  CHECK(verdict("model_index.json", "") == "sound");
}

TEST_CASE("a folder of diffusers has one set of weights", "[models]") {
  CHECK_THROWS_WITH(load_model(data + "old", {.weights = "ema:0.999"}),
                    data + "old: has no weights 'ema:0.999', but one set only");
}
