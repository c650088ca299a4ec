// Times a network: images a second of a training step without its optimiser
// (forward, backward) and of inference, and how much of it its products take when
// they run alone. bench-network [steps] [recipe] [float32|bf16]
// A busy machine spoils the first figure, and with one thread (OMP_NUM_THREADS=1)
// not the last.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/parallel.hpp"
#include "lib/models/network.hpp"
#include "lib/nn/conv2d.hpp"
#include "lib/nn/elementwise.hpp"
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

/// Seconds of each repetition: by the clock, and of all threads' processors.
struct Times {
  std::vector<double> wall, processor;
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void time_call(const std::function<void()>& call, Times& times) {
  const auto start = std::chrono::steady_clock::now();
  const std::clock_t used = std::clock();
  call();
  times.processor.push_back(double(std::clock() - used) / CLOCKS_PER_SEC);
  times.wall.push_back(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
}

/// The calls in turn, `steps` times after two that warm up, so that what else the
/// machine does slows all alike.
std::vector<Times> time_in_turn(int steps, const std::vector<std::function<void()>>& calls) {
  std::vector<Times> times(calls.size());
  for (int i = 0; i < steps + 2; ++i)
    for (std::size_t c = 0; c < calls.size(); ++c) {
      Times warming;
      time_call(calls[c], i < 2 ? warming : times[c]);
    }
  return times;
}

/// A network's convolutions and linear maps of pixels, and nothing between them.
class Products {
 public:
  Products(const Network& network, const nn::Dims& images, nn::DType type) : type_(type) {
    const auto levels = std::int64_t(network.config().at("block_out_channels").size());
    for (const nn::Param& param : network.parameters().all())
      if (const auto height = height_of(param.name, images.h, levels))
        add(param, *height, images.n);
    parameters_.zero_gradients();
  }

  void forward(nn::Tape* tape) const {
    for (const Layer& layer : layers_) layer.convolution.forward(layer.x, tape);
  }
  void step() {
    parameters_.zero_gradients();
    parameters_.touch();
    nn::Tape tape;
    forward(&tape);
    for (std::size_t i = layers_.size(); i-- > 0;) {
      if (i == 0)
        layers_[i].convolution.backward_weights(layers_[i].dy, tape.pop());
      else
        layers_[i].convolution.backward(layers_[i].dy, tape);
    }
  }

 private:
  struct Layer {
    nn::Conv2d convolution;
    nn::Tensor x, dy;
  };

  /// Of the images that a weight sees; nothing where it is no product of pixels.
  static std::optional<std::int64_t> height_of(const std::string& name, std::int64_t height,
                                               std::int64_t levels) {
    const bool joined = name.ends_with("to_k.weight") || name.ends_with("to_v.weight");
    if (!name.ends_with(".weight") || name.find("norm") != name.npos || joined ||
        name.find("time_emb") != name.npos)
      return std::nullopt;
    if (name.starts_with("conv_")) return height;
    if (name.starts_with("mid_block")) return height >> (levels - 1);
    const std::int64_t level = name[name.find('.') + 1] - '0';
    if (name.starts_with("down_blocks")) return height >> level;
    return height >> (levels - 1 - level - (name.find("upsamplers") != name.npos));
  }

  void add(const nn::Param& param, std::int64_t height, std::int64_t images) {
    const auto extent = [&](std::size_t i) {
      return i < param.shape.size() ? std::int64_t(param.shape[i]) : 1;
    };
    const std::int64_t maps = param.name.ends_with("to_q.weight") ? 3 : 1;
    nn::ConvolutionShape shape{.in = extent(1), .out = maps * extent(0), .kernel = extent(2)};
    shape.stride = param.name.find("downsamplers") != param.name.npos ? 2 : 1;
    shape.pad_before = shape.pad_after = shape.kernel / 2;
    const nn::Dims x{images, height, height, shape.in};
    layers_.push_back({{parameters_, param.name, shape}, noise(x), noise(shape.output(x))});
  }

  /// Layers of one shape share a tensor, as memory would not hold them all.
  nn::Tensor noise(const nn::Dims& dims) {
    for (const nn::Tensor& known : tensors_)
      if (known.dims() == dims) return known;
    const nn::Tensor values(dims);
    NoiseSource(0, "bench").fill(values.floats(), 0, 0);
    return tensors_.emplace_back(nn::converted(values, type_));
  }

  nn::DType type_;
  nn::Parameters parameters_;
  std::vector<nn::Tensor> tensors_;
  std::deque<Layer> layers_;
};

void report(const Recipe& recipe, const std::string& what, double passes, const Times& times) {
  const double wall = median(times.wall), images = double(recipe.x.n);
  std::printf("%-20s %-22s %7.1f images/s %7.1f GFLOP/s %7.2f ms of processor an image\n",
              recipe.name, what.c_str(), images / wall, passes * recipe.gflop * images / wall,
              1e3 * median(times.processor) / images);
  std::fflush(stdout);
}

void report_share(const Recipe& recipe, const std::string& what, const Times& products,
                  const Times& all) {
  std::printf("%-20s %-22s %7.1f %% of the time, %.1f %% of the processor's\n", recipe.name,
              what.c_str(), 100 * median(products.wall) / median(all.wall),
              100 * median(products.processor) / median(all.processor));
}

void time_recipe(const Recipe& recipe, nn::DType type, int steps) {
  const auto network = make_network(parse_json(recipe.config, recipe.name), 0);
  network->compute_in(type);
  nn::Tensor x(recipe.x);
  NoiseSource(0, "bench").fill(x.floats(), 0, 0);
  std::vector<float> timesteps(std::size_t(recipe.x.n));
  for (std::size_t i = 0; i < timesteps.size(); ++i) timesteps[i] = float(15 * i);
  nn::Tape tape;
  Products products(*network, recipe.x, type);
  const auto times = time_in_turn(
      steps, {[&] {
                network->parameters().touch();
                network->parameters().zero_gradients();
                network->backward(network->forward(x, timesteps, {}, &tape), tape);
              },
              [&] { products.step(); }, [&] { network->forward(x, timesteps, {}, nullptr); },
              [&] { products.forward(nullptr); }});
  const std::string precision = type == nn::DType::float32 ? "float32 " : "bf16 ";
  report(recipe, precision + "train", 3, times[0]);
  report_share(recipe, precision + "train products", times[1], times[0]);
  report(recipe, precision + "forward", 1, times[2]);
  report_share(recipe, precision + "forward products", times[3], times[2]);
}

/// Kibibytes that were resident at most.
long peak_memory() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  return use.ru_maxrss;
}

}  // namespace

int main(int argc, char** argv) {
  const int steps = argc > 1 ? std::atoi(argv[1]) : 5;
  const std::string only = argc > 2 ? argv[2] : "", precision = argc > 3 ? argv[3] : "";
  for (const Recipe& recipe : recipes) {
    if (!std::string(recipe.name).starts_with(only)) continue;
    if (precision != "bf16") time_recipe(recipe, nn::DType::float32, steps);
    if (precision != "float32") time_recipe(recipe, nn::DType::bfloat16, steps);
  }
  std::printf("%d threads, %.0f MB of buffers, %ld MiB resident at most\n", threads(),
              double(nn::pool_use().bytes) / 1e6, peak_memory() / 1024);
}
