// Times a network: images a second of a training step without its optimiser
// (forward, backward) and of inference, and how much of it its products take when
// they run alone; with --layers, what each kind of layer takes alone; with --recompute, parts of
// the network are computed anew on the way back. bench-network [steps] [recipe] [float32|bf16]
// [--layers] [--recompute] A busy machine spoils the first figure, and with one thread
// (OMP_NUM_THREADS=1) not the last.
#include <sys/resource.h>

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
#include "lib/models/pieces.hpp"
#include "lib/rng/noise_source.hpp"
#include "lib/train/adam.hpp"
#include "lib/train/ema.hpp"
#include "lib/train/lane_sums.hpp"
#include "tests/bench/network_layers.hpp"
#include "tests/bench/times.hpp"

namespace {

using namespace diffusion;
using bench::Kind;
using bench::Layers;

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
    {"dit 32x32x3",
     R"({"_class_name": "DiT", "sample_size": 32, "in_channels": 3, "patch_size": 2,
      "hidden_size": 384, "depth": 12, "num_heads": 6})",
     {64, 32, 32, 3},
     12.11},
};

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

/// Kibibytes that were resident at most.
long peak_memory() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  return use.ru_maxrss;
}

/// The network of a recipe, and a batch for it, cut into lanes as in training.
struct Subject {
  const Recipe& recipe;
  nn::DType type;
  bool recomputes;
  std::unique_ptr<Network> network;
  nn::Tensor x;
  std::vector<float> timesteps;
  std::vector<Range> lanes;
  LaneSums sums;

  Subject(const Recipe& of, nn::DType in, bool anew)
      : recipe(of),
        type(in),
        recomputes(anew),
        network(make_network(parse_json(of.config, of.name), 0)),
        x(of.x),
        lanes(cut_into_lanes(std::size_t(of.x.n), 16)),
        sums(lanes.size(), network->parameters().size()) {
    network->compute_in(type);
    NoiseSource(0, "bench").fill(x.floats(), 0, 0);
    for (std::int64_t i = 0; i < of.x.n; ++i) timesteps.push_back(float(15 * i));
  }
  nn::Tensor forward(const Range& lane, nn::Tape* tape) const {
    return network->forward(images_of(x, lane),
                            std::span(timesteps).subspan(lane.first, lane.count), {}, tape);
  }
  void step() {
    network->parameters().touch();
    parallel_for(lanes.size(), [&](std::size_t i) {
      nn::Tape tape(sums.begin(i));
      tape.recomputes = recomputes;
      network->backward(forward(lanes[i], &tape), tape);
      sums.end(i);
    });
    sums.total();
  }
  /// Bytes that an image leaves between the ways forward and back.
  std::size_t kept() {
    nn::Tape tape(sums.begin(0));
    tape.recomputes = recomputes;
    const nn::Tensor y = forward(lanes[0], &tape);
    const std::size_t bytes = tape.bytes() / lanes[0].count;
    network->backward(y, tape);
    sums.end(0);
    return bytes;
  }
  std::string precision() const { return type == nn::DType::float32 ? "float32 " : "bf16 "; }
};

/// The layers of a lane, and what each lane's threads need for them.
struct LaneLayers {
  Layers layers;
  std::vector<std::vector<float>> gradients;
  std::vector<nn::Tape> tapes;

  explicit LaneLayers(const Subject& subject)
      : layers(*subject.network, images(subject), subject.type),
        gradients(subject.lanes.size(), std::vector<float>(layers.parameters().size())),
        tapes(gradients.begin(), gradients.end()) {}
  static nn::Dims images(const Subject& subject) {
    nn::Dims dims = subject.recipe.x;
    dims.n = std::int64_t(subject.lanes.front().count);
    return dims;
  }
  void for_each(const std::function<void(nn::Tape&)>& body) {
    parallel_for(tapes.size(), [&](std::size_t i) { body(tapes[i]); });
  }
};

void forward_products(Layers& layers, nn::Tape* tape) {
  layers.forward(Kind::convolution, tape);
  layers.forward(Kind::pixel_linear, tape);
}

void step_products(LaneLayers& lanes) {
  lanes.layers.parameters().touch();
  lanes.for_each([&](nn::Tape& tape) {
    forward_products(lanes.layers, &tape);
    lanes.layers.backward(Kind::pixel_linear, tape);
    lanes.layers.backward(Kind::convolution, tape);
  });
}

void time_products(Subject& subject, int steps) {
  subject.step();
  const long memory = peak_memory() / 1024;  // before the products take theirs
  const double kept = double(subject.kept()) / (1 << 20);
  const Recipe& recipe = subject.recipe;
  LaneLayers lanes(subject);
  Divider divider;
  const auto times = time_in_turn(
      steps,
      {[&] { subject.step(); }, [&] { step_products(lanes); },
       [&] { forward_in_pieces(*subject.network, divider, subject.x, subject.timesteps, {}); },
       [&] { lanes.for_each([&](nn::Tape&) { forward_products(lanes.layers, nullptr); }); }});
  const std::string precision = subject.precision();
  report(recipe, precision + "train", 3, times[0]);
  report_share(recipe, precision + "train products", times[1], times[0]);
  report(recipe, precision + "forward", 1, times[2]);
  report_share(recipe, precision + "forward products", times[3], times[2]);
  std::printf("%-20s %-22s %7ld MiB resident at most so far\n", recipe.name,
              (precision + "train").c_str(), memory);
  std::printf("%-20s %-22s %7.2f MiB an image between forward and backward\n", recipe.name,
              (precision + "train").c_str(), kept);
}

double report_kind(const Subject& subject, const char* kind, const std::array<double, 2>& seconds) {
  const double scale = 1e3 / double(subject.recipe.x.n);
  std::printf("%-20s %-30s %7.2f %7.2f %7.2f\n", subject.recipe.name,
              (subject.precision() + kind).c_str(), scale * seconds[0], scale * seconds[1],
              scale * (seconds[0] + seconds[1]));
  return seconds[0] + seconds[1];
}

/// What each kind of layer takes alone, without its weights being packed, and what a
/// step takes besides.
void time_layers(Subject& subject, int steps) {
  LaneLayers lanes(subject);
  nn::Parameters& weights = subject.network->parameters();
  AdamState state(weights.size());
  std::vector<float> average(weights.size()), gradients(weights.size());
  std::vector<nn::Tape> tapes;
  for (std::size_t i = 0; i < subject.lanes.size(); ++i) tapes.emplace_back(gradients);
  std::vector<nn::Tensor> outputs(tapes.size());
  const auto forward = [&] {
    weights.touch();
    parallel_for(tapes.size(),
                 [&](std::size_t i) { outputs[i] = subject.forward(subject.lanes[i], &tapes[i]); });
  };
  const auto backward = [&] {  // one after the other: they share the gradients
    for (std::size_t i = 0; i < tapes.size(); ++i) {
      const OneThread alone;
      subject.network->backward(outputs[i], tapes[i]);
    }
  };
  const auto optimise = [&] {
    adam_update(weights.values(), gradients, state, {}, {.learning_rate = 0});
    ema_update(average, weights.values(), 0.999);
  };
  std::vector<std::function<void()>> calls{forward, backward, optimise,
                                           [&] { step_products(lanes); }};
  const std::size_t first = calls.size();
  for (const auto& row : bench::kinds) {
    calls.push_back([&, kind = row.first] {
      lanes.for_each([&](nn::Tape& tape) { lanes.layers.forward(kind, &tape); });
    });
    calls.push_back([&, kind = row.first] {
      lanes.for_each([&](nn::Tape& tape) { lanes.layers.backward(kind, tape); });
    });
  }
  const std::vector<Times> times = time_in_turn(steps, calls);
  const auto seconds = [&](std::size_t call) { return median(times[call].processor); };

  std::printf("%-20s %-30s %7s %7s %7s\n", subject.recipe.name, "ms of processor an image",
              "forward", "back", "both");
  double rest = report_kind(subject, "step", {seconds(0), seconds(1)}), products = 0;
  for (std::size_t k = 0; k < bench::kinds.size(); ++k) {
    const auto [kind, name] = bench::kinds[k];
    const double both =
        report_kind(subject, name, {seconds(first + 2 * k), seconds(first + 2 * k + 1)});
    rest -= both;
    if (bench::is_product(kind)) products += both;
  }
  const double packing = seconds(3) - products;
  report_kind(subject, "weights packed", {packing, 0});
  report_kind(subject, "what remains", {rest - packing, 0});
  report_kind(subject, "optimiser and average", {seconds(2), 0});
}

}  // namespace

int main(int argc, char** argv) {
  set_threads(0);
  std::vector<std::string> arguments(argv + 1, argv + argc);
  const bool by_layer = std::erase(arguments, "--layers") > 0,
             recomputes = std::erase(arguments, "--recompute") > 0;
  arguments.resize(3);
  const int steps = arguments[0].empty() ? 5 : std::stoi(arguments[0]);
  for (const Recipe& recipe : recipes) {
    if (!std::string(recipe.name).starts_with(arguments[1])) continue;
    for (const nn::DType type : {nn::DType::float32, nn::DType::bfloat16}) {
      if (nn::parse_dtype(arguments[2]).value_or(type) != type) continue;
      Subject subject(recipe, type, recomputes);
      (by_layer ? time_layers : time_products)(subject, steps);
    }
  }
  std::printf("%d threads\n", threads());
}
