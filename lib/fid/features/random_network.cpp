#include "lib/fid/features/random_network.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <deque>
#include <iterator>
#include <memory>

#include "lib/base/parallel.hpp"
#include "lib/fid/features/device_features.hpp"
#include "lib/image/resize.hpp"
#include "lib/nn/conv2d.hpp"
#include "lib/rng/noise_source.hpp"

namespace diffusion {
namespace {

constexpr auto& channels = random_network_channels;
constexpr std::size_t layer_count = std::size(channels) - 1;
constexpr std::size_t size = 64;

/// The network always runs on this many images, the last group filled up with zeros:
/// the engine may choose another kernel, and other rounding, for another number.
constexpr std::size_t group = 16;

nn::layers::Convolution convolution(std::size_t layer) {
  return {"conv" + std::to_string(layer),
          {.in = std::int64_t(channels[layer]),
           .out = std::int64_t(channels[layer + 1]),
           .kernel = 3,
           .stride = 2,
           .pad_before = 1,
           .pad_after = 1}};
}

struct RandomNetwork {
  nn::Parameters parameters;
  std::deque<nn::Conv2d> convolutions;

  RandomNetwork() {
    for (std::size_t layer = 0; layer < layer_count; ++layer) {
      const nn::layers::Convolution described = convolution(layer);
      convolutions.emplace_back(parameters, described.name, described.shape);
    }
    for (std::size_t layer = 0; layer < layer_count; ++layer)  // biases stay zero
      std::ranges::copy(random_network_weights(layer),
                        parameters.value(parameters.all()[2 * layer]).begin());
    parameters.touch();
  }
};

/// Stands in the provenance: two builds that would draw other weights cannot be mixed.
std::string hash_of_weights() {
  std::vector<float> all;
  for (std::size_t layer = 0; layer < layer_count; ++layer)
    std::ranges::copy(random_network_weights(layer), std::back_inserter(all));
  const std::uint64_t hash =
      fnv1a({reinterpret_cast<const char*>(all.data()), all.size() * sizeof(float)});
  constexpr char digits[] = "0123456789abcdef";
  std::string text = "fnv1a:";
  for (int shift = 60; shift >= 0; shift -= 4) text += digits[hash >> shift & 15];
  return text;
}

Tensor network_input(const Image& image, Rounding rounding) {
  const Tensor resized = resize_clean(byte_scale(image, rounding), size, size);
  const std::size_t given = resized.shape()[2];
  Tensor out(Shape{size, size, channels[0]});
  for (std::size_t i = 0; i < out.size(); ++i) {
    const float value = resized.data()[given == channels[0] ? i : i / channels[0]];
    out.data()[i] = std::clamp(value, 0.0f, 255.0f) / 127.5f - 1;
  }
  return out;
}

void relu(std::span<float> values) {
  for (float& value : values) value = std::max(value, 0.0f);
}

void spatial_mean(std::span<const float> pixels, std::size_t positions, std::span<float> mean) {
  std::ranges::fill(mean, 0.0f);
  for (std::size_t p = 0; p < positions; ++p)
    for (std::size_t c = 0; c < mean.size(); ++c) mean[c] += pixels[p * mean.size() + c];
  for (float& value : mean) value /= float(positions);
}

void run_group(const RandomNetwork& network, std::span<const Tensor> images, float* rows) {
  nn::Tensor x({std::int64_t(group), size, size, std::int64_t(channels[0])});
  const std::span<float> input = x.floats();
  const std::size_t each = input.size() / group;
  std::fill(input.begin() + std::ptrdiff_t(images.size() * each), input.end(), 0.0f);
  for (std::size_t i = 0; i < images.size(); ++i)
    std::copy_n(images[i].data(), each, input.data() + i * each);
  for (const nn::Conv2d& conv : network.convolutions) {
    x = conv.forward(x, nullptr);
    relu(x.floats());
  }
  const std::size_t d = channels[layer_count], positions = std::size_t(x.dims().h * x.dims().w);
  for (std::size_t i = 0; i < images.size(); ++i)
    spatial_mean(x.floats().subspan(i * positions * d, positions * d), positions,
                 {rows + i * d, d});
}

}  // namespace

std::vector<float> random_network_weights(std::size_t layer) {
  assert(layer < layer_count);
  std::vector<float> weights(channels[layer + 1] * channels[layer] * 9);
  NoiseSource(0, "diff-fid").fill(weights, layer, 0);
  const auto deviation = float(std::sqrt(2 / (9 * double(channels[layer]))));
  for (float& weight : weights) weight *= deviation;
  return weights;
}

nn::Graph random_network_graph() {
  namespace layers = nn::layers;
  nn::Graph g({.channels = std::int64_t(channels[0]),
               .height = std::int64_t(size),
               .width = std::int64_t(size)});
  nn::Value x = g.images();
  for (std::size_t layer = 0; layer < layer_count; ++layer)
    x = g.add(layers::Relu{}, {g.add(convolution(layer), {x})});
  g.add(layers::SpatialMean{}, {x});
  return g;
}

std::vector<float> random_graph_weights() {
  const RandomNetwork network;
  return {network.parameters.values().begin(), network.parameters.values().end()};
}

namespace {

std::function<FeatureRows(std::span<const Tensor>, std::span<const FeatureKind>)> on_processor() {
  const auto network = std::make_shared<const RandomNetwork>();
  const auto run = [network](std::span<const Tensor> images) {
    const std::size_t d = channels[layer_count];
    Tensor rows(Shape{images.size(), d});
    // A group is one thread's work: the layers are too small to be shared out well.
    parallel_for((images.size() + group - 1) / group, [&](std::size_t index) {
      const std::size_t first = index * group;
      run_group(*network, images.subspan(first, std::min(group, images.size() - first)),
                rows.data() + first * d);
    });
    return rows;
  };
  return features_only(run);
}

FeatureNetwork for_device(std::span<const FeatureKind>) {
  return {.graph = random_network_graph(),
          .weights = random_graph_weights(),
          .kinds = {FeatureKind::features},
          .widths = {channels[layer_count]}};
}

}  // namespace

FeatureExtractor random_features(Params&, const FeatureSettings& settings) {
  FeatureExtractor extractor;
  extractor.provenance = {
      {"features", "random-v1"}, {"weights", hash_of_weights()}, {"resize", "clean"}};
  extractor.prepare = [rounding = settings.rounding](const Image& image) {
    return network_input(image, rounding);
  };
  if (settings.device.client) {
    compute_on(extractor, settings.device, for_device);
  } else {
    extractor.run = on_processor();
    extractor.piece = group;
  }
  return extractor;
}

}  // namespace diffusion
