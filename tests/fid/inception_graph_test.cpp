// The description of the Inception against the network as the processor has it.
#include "lib/fid/features/inception_graph.hpp"

#include <algorithm>
#include <cmath>

#include "lib/base/parallel.hpp"
#include "lib/fid/features/random_network.hpp"
#include "lib/nn/processor.hpp"
#include "lib/rng/noise_source.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/inception_weights.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;

namespace {

constexpr auto features = FeatureKind::features, logits = FeatureKind::logits,
               spatial = FeatureKind::spatial;

Tensor noise_image(std::size_t size) {
  Tensor image(Shape{size, size, 3});
  const std::span<float> values(image.data(), image.size());
  NoiseSource(5, "test").fill(values, 0, 0);
  for (float& value : values) value = std::clamp(value / 2, -1.0f, 1.0f);
  return image;
}

/// What a graph of the processor's engine makes of one image.
std::vector<float> by_graph(const nn::Graph& graph, const std::vector<float>& weights,
                            const Tensor& image) {
  nn::Parameters parameters;
  const nn::Processor processor(graph, parameters);
  REQUIRE(weights.size() == parameters.size());
  std::ranges::copy(weights, parameters.values().begin());
  parameters.touch();
  const auto& shape = image.shape();
  const nn::Tensor x({1, std::int64_t(shape[0]), std::int64_t(shape[1]), 3});
  std::copy(image.begin(), image.end(), x.floats().begin());
  const std::vector<float> no_time{0};
  const nn::Tensor y = processor.forward({x, no_time, {}}, nn::DType::float32, nullptr);
  REQUIRE((y.dims().h == 1 && y.dims().w == 1));
  return {y.floats().begin(), y.floats().end()};
}

std::vector<float> by_network(const InceptionNetwork& network, const Tensor& image,
                              std::int64_t tap, const std::vector<FeatureKind>& kinds,
                              LogitBias bias) {
  std::vector<float> row;
  for (const FeatureKind kind : kinds) {
    std::vector<float> part(kind == features ? std::size_t(tap)
                            : kind == logits ? std::size_t(inception_classes)
                                             : inception_spatial);
    InceptionOutputs out{.tap = tap, .bias = bias};
    (kind == features ? out.features : kind == logits ? out.logits : out.spatial) = part.data();
    network.run({&image, 1}, out);
    row.insert(row.end(), part.begin(), part.end());
  }
  return row;
}

/// The largest difference as a part of the largest value.
double difference(const std::vector<float>& got, const std::vector<float>& expected) {
  REQUIRE(got.size() == expected.size());
  double worst = 0, largest = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    worst = std::max(worst, std::abs(double(got[i]) - expected[i]));
    largest = std::max(largest, std::abs(double(expected[i])));
  }
  return worst / largest;
}

}  // namespace

TEST_CASE("the Inception's graph is its network, whatever is asked of it", "[inception]") {
  const test::Scratch scratch;
  test::write_weights(scratch / "w.safetensors", test::formula_weights());
  const InceptionWeights weights(scratch / "w.safetensors");
  const InceptionNetwork network(weights, nn::DType::float32);
  const Tensor image = noise_image(299);
  struct Asked {
    std::int64_t tap;
    std::vector<FeatureKind> kinds;
    LogitBias bias = LogitBias::left_out;
  };
  for (const Asked& asked : {Asked{64, {features}},
                             {192, {features}},
                             {768, {features}},
                             {2048, {features}},
                             {64, {spatial, features}},
                             {2048, {logits}, LogitBias::added},
                             {192, {logits, features}},
                             {2048, {features, logits, spatial}}}) {
    CAPTURE(asked.tap, asked.kinds.size());
    const nn::Graph graph = inception_graph(asked.tap, asked.kinds);
    const std::vector<float> flat = inception_graph_weights(graph, weights, asked.bias);
    const std::vector<float> row = by_graph(graph, flat, image);
    const std::vector<float> expected =
        by_network(network, image, asked.tap, asked.kinds, asked.bias);
    CHECK(difference(row, expected) < 1e-5);
  }
}

TEST_CASE("the Inception's graph goes no deeper than it must", "[inception]") {
  const auto weights = [](std::int64_t tap, const std::vector<FeatureKind>& kinds) {
    return inception_graph(tap, kinds).weights().size();
  };
  CHECK(weights(64, {features}) == 2 * 3);
  CHECK(weights(192, {features}) == 2 * 5);
  CHECK(weights(64, {features, spatial}) < weights(768, {features}));
  CHECK(weights(768, {features}) < weights(2048, {features}));
  CHECK(weights(2048, {features}) == 2 * inception_units().size());
  CHECK(weights(64, {features, logits}) == 2 * inception_units().size() + 2);
}

TEST_CASE("random-v1 as a graph is its network", "[fid]") {
  const FeatureExtractor random = make_features("random");
  const Tensor image = noise_image(64);
  const Tensor expected = random.run({&image, 1}, random.kinds).at(0);
  const std::vector<float> row = by_graph(random_network_graph(), random_graph_weights(), image);
  CHECK(difference(row, {expected.begin(), expected.end()}) < 1e-6);
}
