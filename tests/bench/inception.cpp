// Times feature extraction by the FID Inception, pictures decoded and resized, against
// its convolutions alone: bench-inception FOLDER [ROUNDS] [float32|bf16] [WEIGHTS]
// Without WEIGHTS they come from a formula. The rounds alternate, so that what else the
// machine does slows all alike; of a busy machine believe the processor's time.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/base/parallel.hpp"
#include "lib/fid/features/extract.hpp"
#include "lib/fid/features/inception_network.hpp"
#include "lib/nn/elementwise.hpp"
#include "tests/bench/times.hpp"
#include "tests/support/inception_weights.hpp"
#include "tests/support/scratch.hpp"

namespace {

using namespace diffusion;

constexpr std::size_t group = 4;  // images that a thread takes through a layer together
constexpr double gflop = 11.42;   // of an image

std::size_t extract(const std::string& folder, const FeatureExtractor& extractor) {
  ImageSet images = open_images({folder});
  ExtractionHooks hooks;
  hooks.take = [](const std::vector<Tensor>&) {};
  hooks.complain = [](const std::string& message) { std::puts(message.c_str()); };
  hooks.progress = [](std::size_t) {};
  return extract_features(images, extractor, hooks).done;
}

/// The convolutions as the network shapes them, each on noise.
class Convolutions {
 public:
  Convolutions(const InceptionNetwork& network, nn::DType type) : network_(network) {
    for (const auto& convolution : network.convolutions()) {
      const nn::Dims& dims = convolution.input();
      nn::Tensor& x = inputs_[{dims.h, dims.c}];
      if (!x.empty()) continue;
      x = nn::Tensor(dims);
      float value = 0;
      for (float& v : x.floats()) v = value = value > 1 ? -1 : value + 0.37f;
      x = nn::converted(x, type);
    }
  }

  void run(std::size_t images) const {
    parallel_for((images + group - 1) / group, [&](std::size_t i) {
      const std::size_t some = std::min(group, images - i * group);
      for (const auto& convolution : network_.convolutions()) {
        const nn::Tensor& x = inputs_.at({convolution.input().h, convolution.input().c});
        for (std::size_t k = 0; k < some; ++k) convolution.forward(x);
      }
    });
  }

 private:
  const InceptionNetwork& network_;
  std::map<std::tuple<std::int64_t, std::int64_t>, nn::Tensor> inputs_;
};

void report(const char* precision, const char* what, std::size_t images, const Times& times) {
  const double wall = median(times.wall);
  std::printf("%-8s %-22s %6.1f images/s %7.1f GFLOP/s %7.2f ms of processor an image\n", precision,
              what, double(images) / wall, gflop * double(images) / wall,
              1e3 * median(times.processor) / double(images));
}

long peak_mebibytes() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  return use.ru_maxrss / 1024;
}

void time_precision(const std::string& folder, const std::string& weights, const char* precision,
                    int rounds) {
  Times start, extraction, network_only, products;
  const nn::DType type = *nn::parse_dtype(precision);
  FeatureExtractor extractor;
  time_call(
      [&] {
        extractor = make_features("inception:weights=" + weights + ",precision=" + precision,
                                  {Rounding::eight_bits});
      },
      start);
  std::size_t images = extract(folder, extractor);  // warms up
  std::printf("%-8s %-22s %6.0f ms, then %ld MiB resident at most\n", precision, "start",
              1e3 * start.wall[0], peak_mebibytes());
  const InceptionNetwork network(InceptionWeights(weights), type);
  const Convolutions convolutions(network, type);
  const std::vector<Tensor> inputs(images, Tensor(Shape{299, 299, 3}));
  for (int i = 0; i < rounds; ++i) {
    time_call([&] { extract(folder, extractor); }, extraction);
    time_call([&] { convolutions.run(images); }, products);
    time_call([&] { extractor.run(inputs, extractor.kinds); }, network_only);
  }
  report(precision, "extraction", images, extraction);
  report(precision, "network", images, network_only);
  report(precision, "convolutions", images, products);
  std::printf("%-8s convolutions are %.1f %% of extraction, %.1f %% of the processor's time\n",
              precision, 100 * median(products.wall) / median(extraction.wall),
              100 * median(products.processor) / median(extraction.processor));
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 2) throw Error("usage: bench-inception FOLDER [ROUNDS] [float32|bf16] [WEIGHTS]");
  set_threads(0);
  const std::string folder = argv[1], only = argc > 3 ? argv[3] : "";
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  const test::Scratch scratch;
  const std::string weights = argc > 4 ? argv[4] : scratch / "weights.safetensors";
  if (argc <= 4) test::write_weights(weights, test::formula_weights());
  for (const char* precision : {"float32", "bf16"})
    if (only.empty() || only == precision) time_precision(folder, weights, precision, rounds);
  std::printf("%d threads\n", threads());
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench-inception: %s\n", e.what());
  return 2;
}
