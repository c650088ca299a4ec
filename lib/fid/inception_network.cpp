#include "lib/fid/inception_network.hpp"

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>

#include "lib/base/parallel.hpp"
#include "lib/nn/elementwise.hpp"
#include "lib/nn/pool.hpp"
#include "lib/nn/vec.hpp"

namespace diffusion {
namespace {

using nn::onednn::FrozenConvolution;
/// One tensor an image.
using Images = std::vector<nn::Tensor>;

template <class Function>
Images each(const Images& x, Function&& function) {
  Images y;
  for (const nn::Tensor& image : x) y.push_back(function(image));
  return y;
}

/// Branches side by side in the channels of one tensor.
class Joined {
 public:
  explicit Joined(std::int64_t channels) : channels_(channels) {}

  void add(const Images& branch) {
    if (y_.empty())
      y_ = each(branch, [&](const nn::Tensor& image) {
        const nn::Dims& dims = image.dims();
        return nn::Tensor({1, dims.h, dims.w, channels_}, image.dtype());
      });
    fill(branch[0].dims().c,
         [&](std::size_t i, const nn::Slot& slot) { nn::copy_channels(branch[i], slot); });
  }
  /// Has write(i, slot) fill the next channels of each image; not the first ones.
  template <class Write>
  void fill(std::int64_t channels, Write&& write) {
    for (std::size_t i = 0; i < y_.size(); ++i) write(i, nn::Slot{y_[i], next_});
    next_ += channels;
  }
  Images take() && {
    assert(next_ == channels_);
    return std::move(y_);
  }

 private:
  std::int64_t channels_, next_ = 0;
  Images y_;
};

/// Runs units of the network, or of one of its blocks, by their names.
class Units {
 public:
  Units(std::span<const FrozenConvolution> all, std::span<const std::vector<float>> late_biases,
        std::string prefix)
      : all_(all), late_biases_(late_biases), prefix_(std::move(prefix)) {}

  Images operator()(const char* name, const Images& x) const {
    const FrozenConvolution& convolution = all_[number_of(name)];
    return each(x, [&](const nn::Tensor& image) { return convolution.forward(image); });
  }

  /// Of the means of x. A mean and a 1 x 1 convolution commute: pooling comes last, where
  /// there are fewer channels.
  void add_means(const char* name, const Images& x, Joined& y) const {
    const std::size_t number = number_of(name);
    const std::vector<float>& bias = late_biases_[number];
    y.fill(std::int64_t(bias.size()), [&](std::size_t i, const nn::Slot& slot) {
      nn::average_pool_around(all_[number].forward(x[i]), bias, slot);
    });
  }

 private:
  std::size_t number_of(const char* name) const {
    const auto units = inception_units();
    const auto unit = std::ranges::find(units, prefix_ + name, &InceptionUnit::name);
    assert(unit != units.end());
    return std::size_t(unit - units.begin());
  }

  std::span<const FrozenConvolution> all_;
  std::span<const std::vector<float>> late_biases_;
  std::string prefix_;
};

/// What goes by the convolutions to the end of a block that halves.
void add_halved(const Images& x, Joined& y) {
  y.fill(x[0].dims().c,
         [&](std::size_t i, const nn::Slot& slot) { nn::max_pool_halving(x[i], slot); });
}

Images block_a(const Units& unit, const Images& x, std::int64_t channels) {
  Joined y(channels);
  y.add(unit("branch1x1", x));
  y.add(unit("branch5x5_2", unit("branch5x5_1", x)));
  y.add(unit("branch3x3dbl_3", unit("branch3x3dbl_2", unit("branch3x3dbl_1", x))));
  unit.add_means("branch_pool", x, y);
  return std::move(y).take();
}

Images block_b(const Units& unit, const Images& x) {
  Joined y(768);
  y.add(unit("branch3x3", x));
  y.add(unit("branch3x3dbl_3", unit("branch3x3dbl_2", unit("branch3x3dbl_1", x))));
  add_halved(x, y);
  return std::move(y).take();
}

Images block_c(const Units& unit, const Images& x) {
  Joined y(768);
  y.add(unit("branch1x1", x));
  y.add(unit("branch7x7_3", unit("branch7x7_2", unit("branch7x7_1", x))));
  Images branch = x;
  for (const char* name :
       {"branch7x7dbl_1", "branch7x7dbl_2", "branch7x7dbl_3", "branch7x7dbl_4", "branch7x7dbl_5"})
    branch = unit(name, branch);
  y.add(branch);
  unit.add_means("branch_pool", x, y);
  return std::move(y).take();
}

Images block_d(const Units& unit, const Images& x) {
  Joined y(1280);
  y.add(unit("branch3x3_2", unit("branch3x3_1", x)));
  Images branch = x;
  for (const char* name : {"branch7x7x3_1", "branch7x7x3_2", "branch7x7x3_3", "branch7x7x3_4"})
    branch = unit(name, branch);
  y.add(branch);
  add_halved(x, y);
  return std::move(y).take();
}

enum class Pooling { mean, largest };

Images block_e(const Units& unit, const Images& x, Pooling pooling) {
  Joined y(inception_features);
  y.add(unit("branch1x1", x));
  const Images single = unit("branch3x3_1", x);
  y.add(unit("branch3x3_2a", single));
  y.add(unit("branch3x3_2b", single));
  const Images twice = unit("branch3x3dbl_2", unit("branch3x3dbl_1", x));
  y.add(unit("branch3x3dbl_3a", twice));
  y.add(unit("branch3x3dbl_3b", twice));
  if (pooling == Pooling::mean)
    unit.add_means("branch_pool", x, y);
  else
    y.add(unit("branch_pool", each(x, nn::max_pool_around)));
  return std::move(y).take();
}

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

float dot(const float* a, const float* b, std::int64_t count) {
  nn::Vec sum{};
  nn::for_each_block(
      count, [&](std::int64_t i, auto part) { sum += part.load(a + i) * part.load(b + i); });
  return nn::sum(sum);
}

std::vector<FrozenConvolution> make_convolutions(const InceptionWeights& weights, nn::DType type,
                                                 std::vector<std::vector<float>>& late_biases) {
  const auto units = inception_units();
  late_biases.resize(units.size());
  std::vector<std::optional<FrozenConvolution>> made(units.size());
  parallel_for(units.size(), [&](std::size_t i) {
    const InceptionUnit& unit = units[i];
    auto [weight, bias] = weights.folded(unit);
    if (unit.of_means) late_biases[i] = std::exchange(bias, {});
    made[i].emplace(unit.shape, nn::Dims{1, unit.size, unit.size, unit.shape.in}, type, weight,
                    bias);
  });
  std::vector<FrozenConvolution> all;
  for (auto& convolution : made) all.push_back(std::move(*convolution));
  return all;
}

}  // namespace

InceptionNetwork::InceptionNetwork(const InceptionWeights& weights, nn::DType type)
    : convolutions_(make_convolutions(weights, type, late_biases_)),
      classifier_(weights.classifier_weight()),
      classifier_bias_(weights.classifier_bias()),
      type_(type) {}

std::span<const FrozenConvolution> InceptionNetwork::convolutions() const { return convolutions_; }

void InceptionNetwork::run(std::span<const Tensor> images, const InceptionOutputs& out) const {
  const OneThread alone;
  const auto block = [&](const char* name) {
    return Units(convolutions_, late_biases_, std::string(name) + ".");
  };
  const Units stem(convolutions_, late_biases_, "");
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
  for (std::int64_t k = 0; k < inception_classes; ++k)
    for (std::size_t i = 0; i < x.size(); ++i) {
      const float bias = out.bias == LogitBias::added ? classifier_bias_[std::size_t(k)] : 0.0f;
      out.logits[i * std::size_t(inception_classes) + std::size_t(k)] =
          bias + dot(means.data() + i * std::size_t(inception_features),
                     classifier_.data() + k * inception_features, inception_features);
    }
}

}  // namespace diffusion
