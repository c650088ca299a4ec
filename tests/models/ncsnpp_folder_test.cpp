// A folder of NCSN++ and a ScoreSdeVeScheduler: images in [-1, 1] here are in [0, 1] there.
#include "lib/base/file.hpp"
#include "lib/models/model.hpp"
#include "lib/models/network.hpp"
#include "lib/tensor/formats/safetensors.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/network_reference.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;

namespace {

constexpr std::size_t pixels = 8 * 8 * 3;  // of an image, with its channels

/// What diffusers computed of two images in [0, 1] at two scales of noise, and a folder of that
/// network.
struct Reference {
  test::NetworkReference read{"unet/ncsnpp"};
  std::span<const float> images = read.next(2 * pixels), noise = read.next(2),
                         scores = read.next(2 * pixels);

  void write_folder(const std::string& folder, const std::string& scheduler) {
    read.next(2 * pixels);  // the loss's derivative
    const auto network = make_blank_network(read.config);
    std::vector<SafetensorsArray> arrays;
    for (const nn::Param* param : test::sorted(network->parameters()))
      arrays.push_back(safetensors_array(param->name, param->shape, read.next(param->size)));
    write_safetensors(folder + "/diffusion_pytorch_model.safetensors", std::move(arrays));
    write_file(folder + "/config.json", to_text(read.config));
    write_file(folder + "/scheduler_config.json", scheduler);
  }
};

const char* const scheduler = R"({"_class_name": "ScoreSdeVeScheduler", "correct_steps": 1,
  "num_train_timesteps": 20, "sampling_eps": 1e-05, "sigma_max": 348, "sigma_min": 0.01,
  "snr": 0.075})";

}  // namespace

TEST_CASE("a folder of NCSN++ says what its network says in diffusers", "[models]") {
  Reference reference;
  const test::Scratch scratch;
  reference.write_folder(scratch / ".", scheduler);
  const Model model = load_model(scratch / ".");
  CHECK(model.predicts == Prediction::ncsn);
  CHECK(model.schedule->levels.front().sigma == Approx(0.02));
  CHECK(model.schedule->levels.back().sigma == Approx(696));
  CHECK(model.schedule->levels.back().timestep == Approx(348));
  for (std::size_t n = 0; n < 2; ++n) {
    const double sigma = reference.noise[n];
    Tensor x(Shape{1, 8, 8, 3});
    for (std::size_t i = 0; i < pixels; ++i) x.data()[i] = 2 * reference.images[n * pixels + i] - 1;
    const NoiseLevel level = on_path(Path::variance_exploding, -std::log(2 * sigma));
    const Tensor x0 = model.denoiser({})(x, level).x0;
    double off = 0, size = 0;
    for (std::size_t i = 0; i < pixels; ++i) {
      const double score = reference.scores[n * pixels + i];
      const double clean = reference.images[n * pixels + i] + sigma * sigma * score;
      off = std::max(off, std::abs(x0.data()[i] - (2 * clean - 1)));
      size = std::max(size, std::abs(clean));
    }
    CAPTURE(sigma);
    CHECK(off < 1e-4 * size);
  }
}
