#include "lib/fid/features/device_features.hpp"

#include <algorithm>
#include <cassert>
#include <memory>
#include <mutex>
#include <utility>

#include "lib/base/parallel.hpp"
#include "lib/xla/lower.hpp"

namespace diffusion {
namespace {

using Kinds = std::vector<FeatureKind>;

/// From images (f32, N x H x W x C) and weights to the rows of features.
xla::ProgramText program_of(const FeatureNetwork& network, const nn::Dims& images) {
  xla::Program program({.name = "features"});
  const auto flat = program.parameter({xla::Type::f32, {std::int64_t(network.weights.size())}});
  const auto x = program.parameter({xla::Type::f32, {images.n, images.h, images.w, images.c}});
  const bool half = network.working == nn::DType::bfloat16;
  const auto y = xla::lower(
      network.graph, xla::separate_weights(network.graph, flat),
      {.images = x, .sinusoids = {}, .working = half ? xla::Type::bf16 : xla::Type::f32});
  program.result(y);
  return {xla::text(program), xla::signature(program)};
}

/// A network compiled for groups of images.
class GroupNetwork {
 public:
  GroupNetwork(FeatureNetwork network, const FeatureDevice& device)
      : client_(device.client),
        kinds_(std::move(network.kinds)),
        widths_(std::move(network.widths)) {
    const auto& images = std::get<nn::layers::Images>(network.graph.nodes().front().layer);
    const xla::ProgramText text = program_of(
        network, {std::int64_t(device.group), images.height, images.width, images.channels});
    images_ = text.signature.parameters[1];
    compiled_ = xla::compile_cached(*client_, text, {}, device.watch);
    weights_ = client_->upload(network.weights.data(), text.signature.parameters[0]);
  }

  /// Begins on at most a group: rows of all kinds side by side.
  xla::Buffer begin(std::span<const Tensor> images) {
    std::vector<float> group(images_.count());
    const std::size_t each = group.size() / std::size_t(images_.dims[0]);
    parallel_for(images.size(), [&](std::size_t i) {
      assert(images[i].size() == each);
      std::copy(images[i].begin(), images[i].end(), group.begin() + std::ptrdiff_t(i * each));
    });
    xla::Buffer given = client_->upload(group.data(), images_);
    return std::move(compiled_.run({&weights_, &given}).front());
  }

  /// Copies one kind of the first rows of a group.
  void take(std::span<const float> group, FeatureKind kind, std::size_t rows, float* to) const {
    std::size_t first = 0, k = 0;
    for (; kinds_[k] != kind; ++k) first += widths_[k];
    const std::size_t apart = group.size() / std::size_t(images_.dims[0]);
    for (std::size_t i = 0; i < rows; ++i)
      to = std::copy_n(group.data() + i * apart + first, widths_[k], to);
  }

  bool gives(const Kinds& kinds) const {
    return std::ranges::all_of(
        kinds, [&](FeatureKind kind) { return std::ranges::find(kinds_, kind) != kinds_.end(); });
  }
  std::size_t width(FeatureKind kind) const {
    return widths_[std::size_t(std::ranges::find(kinds_, kind) - kinds_.begin())];
  }

 private:
  std::shared_ptr<xla::Client> client_;
  Kinds kinds_;
  std::vector<std::size_t> widths_;
  xla::Shape images_;
  xla::Executable compiled_;
  xla::Buffer weights_;
};

class DeviceFeatures {
 public:
  DeviceFeatures(const FeatureDevice& device, NetworkOf network)
      : device_(device), network_(std::move(network)) {}

  std::function<FeatureRows()> begin(std::span<const Tensor> images,
                                     std::span<const FeatureKind> wanted) {
    const Kinds kinds(wanted.begin(), wanted.end());
    const auto network = network_for(kinds);
    const auto groups = std::make_shared<std::vector<xla::Buffer>>();
    const std::size_t count = images.size(), each = device_.group;
    for (std::size_t first = 0; first < count; first += each)
      groups->push_back(network->begin(images.subspan(first, std::min(each, count - first))));
    return [network, groups, kinds, count, each] {
      std::vector<Tensor> rows;
      for (const FeatureKind kind : kinds)
        rows.push_back(Tensor(Shape{count, network->width(kind)}));
      for (std::size_t g = 0; g < groups->size(); ++g) {
        const std::vector<float> group = (*groups)[g].read<float>();
        const std::size_t first = g * each;
        for (std::size_t k = 0; k < kinds.size(); ++k)
          network->take(group, kinds[k], std::min(each, count - first),
                        rows[k].data() + first * rows[k].shape()[1]);
      }
      return rows;
    };
  }

 private:
  std::shared_ptr<GroupNetwork> network_for(const Kinds& kinds) {
    const std::lock_guard lock(mutex_);
    const auto found =
        std::ranges::find_if(networks_, [&](const auto& network) { return network->gives(kinds); });
    if (found != networks_.end()) return *found;
    return networks_.emplace_back(std::make_shared<GroupNetwork>(network_(kinds), device_));
  }

  FeatureDevice device_;
  NetworkOf network_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<GroupNetwork>> networks_;
};

}  // namespace

void compute_on(FeatureExtractor& extractor, const FeatureDevice& device, NetworkOf network) {
  assert(device.client && device.group > 0);
  const auto features = std::make_shared<DeviceFeatures>(device, std::move(network));
  extractor.begin = [features](std::span<const Tensor> images,
                               std::span<const FeatureKind> wanted) {
    return features->begin(images, wanted);
  };
  extractor.run = [features](std::span<const Tensor> images, std::span<const FeatureKind> wanted) {
    return features->begin(images, wanted)();
  };
  extractor.piece = device.group;
}

}  // namespace diffusion
