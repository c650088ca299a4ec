// Times a network: images a second of a training step without its optimiser
// (forward, backward) and of inference. bench-network [steps] [recipe]
// A busy machine spoils the first figure, and with one thread (OMP_NUM_THREADS=1)
// not the last.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "lib/base/parallel.hpp"
#include "lib/models/network.hpp"
#include "lib/rng/noise_source.hpp"

namespace {

using namespace diffusion;

struct Recipe {
  const char* name;
  const char* config;
  nn::Dims x;
  double gflop;  // forward, of one image
};

const Recipe recipes[] = {
    {"quickstart 28x28x1",
     R"({"in_channels": 1, "out_channels": 1,
      "block_out_channels": [16, 32, 64], "layers_per_block": 1, "attention_head_dim": null,
      "norm_num_groups": 8,
      "down_block_types": ["DownBlock2D", "DownBlock2D", "DownBlock2D"],
      "up_block_types": ["UpBlock2D", "UpBlock2D", "UpBlock2D"]})",
     {64, 28, 28, 1},
     0.140},
    {"colour 32x32x3",
     R"({"in_channels": 3, "out_channels": 3,
      "block_out_channels": [64, 128, 128], "layers_per_block": 2, "attention_head_dim": 8,
      "down_block_types": ["DownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"],
      "up_block_types": ["AttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D"]})",
     {64, 32, 32, 3},
     3.227},
};

struct Times {
  std::vector<double> wall, processor;  // seconds; of all threads
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

/// `steps` calls, after two that warm up.
Times time_calls(int steps, const std::function<void()>& call) {
  Times times;
  call();
  call();
  for (int i = 0; i < steps; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const std::clock_t used = std::clock();
    call();
    times.processor.push_back(double(std::clock() - used) / CLOCKS_PER_SEC);
    times.wall.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return times;
}

void report(const Recipe& recipe, const char* what, double passes, const Times& times) {
  const double wall = median(times.wall), images = double(recipe.x.n);
  std::printf("%-20s %-8s %9.1f images/s %8.1f GFLOP/s %8.2f ms of processor an image\n",
              recipe.name, what, images / wall, passes * recipe.gflop * images / wall,
              1e3 * median(times.processor) / images);
  std::fflush(stdout);
}

void time_recipe(const Recipe& recipe, nn::DType type, int steps) {
  const auto network = make_network(parse_json(recipe.config, recipe.name), 0);
  network->compute_in(type);
  nn::Tensor x(recipe.x);
  NoiseSource(0, "bench").fill(x.floats(), 0, 0);
  std::vector<float> timesteps(std::size_t(recipe.x.n));
  for (std::size_t i = 0; i < timesteps.size(); ++i) timesteps[i] = float(15 * i);
  nn::Tape tape;
  report(recipe, "train", 3, time_calls(steps, [&] {
           network->parameters().touch();
           network->parameters().zero_gradients();
           network->backward(network->forward(x, timesteps, {}, &tape), tape);
         }));
  report(recipe, "forward", 1,
         time_calls(steps, [&] { network->forward(x, timesteps, {}, nullptr); }));
}

}  // namespace

int main(int argc, char** argv) {
  const int steps = argc > 1 ? std::atoi(argv[1]) : 5;
  const std::string only = argc > 2 ? argv[2] : "";
  for (const Recipe& recipe : recipes)
    if (std::string(recipe.name).starts_with(only))
      for (const nn::DType type : {nn::DType::float32, nn::DType::bfloat16})
        time_recipe(recipe, type, steps);
  std::printf("%d threads, %.0f MB of buffers\n", threads(), double(nn::pool_use().bytes) / 1e6);
}
