#include "lib/fid/features/inception_network.hpp"

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>

#include "lib/base/parallel.hpp"
#include "lib/kernels/kernels.hpp"
#include "lib/nn/elementwise.hpp"
#include "lib/nn/pool.hpp"

namespace diffusion {
namespace {

using namespace inception;
using nn::onednn::FrozenConvolution;

/// To the first max pool. Large images and small weights: one image after another.
nn::Tensor begin(const Units& unit, const Tensor& image, nn::DType type) {
  nn::Tensor x({1, inception_size, inception_size, 3});
  assert(image.size() == x.count());
  std::copy(image.begin(), image.end(), x.floats().begin());
  const Images y =
      unit("Conv2d_2b_3x3", unit("Conv2d_2a_3x3", unit("Conv2d_1a_3x3", {nn::converted(x, type)})));
  return nn::max_pool_halving(y[0]);
}

/// To the second.
nn::Tensor go_on(const Units& unit, const nn::Tensor& x) {
  return nn::max_pool_halving(unit("Conv2d_4a_3x3", unit("Conv2d_3b_1x1", {x}))[0]);
}

/// The channels that sFID takes, of the join that begins with the 1 x 1 branch.
void take_spatial(const Images& x, float* rows) {
  for (const nn::Tensor& image : x) {
    const nn::Tensor values = nn::converted(image, nn::DType::float32);
    const std::size_t channels = std::size_t(image.dims().c);
    for (std::int64_t p = 0; p < image.dims().pixels(); ++p)
      for (std::int64_t c = 0; c < inception_spatial_channels; ++c)
        *rows++ = values.floats()[std::size_t(p) * channels + std::size_t(c)];
  }
}

void take_means(const Images& x, float* rows) {
  for (const nn::Tensor& image : x) {
    const auto channels = std::size_t(image.dims().c);
    nn::spatial_mean(image, {rows, channels});
    rows += channels;
  }
}

Parts make_parts(const InceptionWeights& weights, nn::DType type) {
  const auto units = inception_units();
  Parts parts;
  parts.late_biases.resize(units.size());
  std::vector<std::optional<FrozenConvolution>> made(units.size());
  parallel_for(units.size(), [&](std::size_t i) {
    const InceptionUnit& unit = units[i];
    auto [weight, bias] = weights.folded(unit);
    if (unit.of_means) parts.late_biases[i] = std::exchange(bias, {});
    made[i].emplace(unit.shape, nn::Dims{1, unit.size, unit.size, unit.shape.in}, type, weight,
                    bias);
  });
  for (auto& convolution : made) parts.convolutions.push_back(std::move(*convolution));
  return parts;
}

}  // namespace

InceptionNetwork::InceptionNetwork(const InceptionWeights& weights, nn::DType type)
    : parts_(make_parts(weights, type)),
      classifier_(weights.classifier_weight()),
      classifier_bias_(weights.classifier_bias()),
      type_(type) {}

std::span<const FrozenConvolution> InceptionNetwork::convolutions() const {
  return parts_.convolutions;
}

void InceptionNetwork::run(std::span<const Tensor> images, const InceptionOutputs& out) const {
  const OneThread alone;
  const auto block = [&](const char* name) { return Units(parts_, std::string(name) + "."); };
  const Units stem(parts_, "");
  const auto done_at = [&](std::int64_t tap) {
    return !out.logits && (!out.features || out.tap <= tap);
  };
  const auto take = [&](const Images& x, std::int64_t tap) {
    if (out.features && out.tap == tap) take_means(x, out.features);
  };
  Images x;
  for (const Tensor& image : images) x.push_back(begin(stem, image, type_));
  take(x, 64);
  if (done_at(64) && !out.spatial) return;
  for (nn::Tensor& image : x) image = go_on(stem, image);
  take(x, 192);
  if (done_at(192) && !out.spatial) return;
  x = block_a(block("Mixed_5b"), x, 256);
  x = block_a(block("Mixed_5c"), x, 288);
  x = block_a(block("Mixed_5d"), x, 288);
  x = block_b(block("Mixed_6a"), x);
  for (const char* name : {"Mixed_6b", "Mixed_6c", "Mixed_6d"}) x = block_c(block(name), x);
  if (out.spatial) take_spatial(x, out.spatial);
  if (done_at(192)) return;
  x = block_c(block("Mixed_6e"), x);
  take(x, 768);
  if (done_at(768)) return;
  x = block_d(block("Mixed_7a"), x);
  x = block_e(block("Mixed_7b"), x, Pooling::mean);
  x = block_e(block("Mixed_7c"), x, Pooling::largest);
  take(x, inception_features);
  if (out.logits) classify(x, out);
}

void InceptionNetwork::classify(const std::vector<nn::Tensor>& x,
                                const InceptionOutputs& out) const {
  std::vector<float> means(x.size() * std::size_t(inception_features));
  take_means(x, means.data());
  const kernel::ProductSize size{std::int64_t(x.size()), inception_classes, inception_features};
  kernels().multiply_rows(size, {means.data(), inception_features},
                          {classifier_.data(), inception_features}, out.logits, inception_classes);
  if (out.bias == LogitBias::left_out) return;
  for (std::size_t i = 0; i < x.size(); ++i)
    for (std::size_t k = 0; k < std::size_t(inception_classes); ++k)
      out.logits[i * std::size_t(inception_classes) + k] += classifier_bias_[k];
}

}  // namespace diffusion
