#include "lib/fid/features/inception.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>

#include "lib/base/error.hpp"
#include "lib/base/instruction_set.hpp"
#include "lib/base/parallel.hpp"
#include "lib/base/text.hpp"
#include "lib/fid/features/device_features.hpp"
#include "lib/fid/features/inception_graph.hpp"
#include "lib/fid/features/inception_network.hpp"
#include "lib/image/resize.hpp"
#include "lib/nn/onednn/convolution.hpp"

namespace diffusion {
namespace fs = std::filesystem;
namespace {

/// Images that one thread takes through the network together.
constexpr std::size_t group = 4;

struct InceptionSettings {
  std::string path, resize;
  std::int64_t tap;
  LogitBias bias;
  nn::DType type;
};

std::string weights_path(Params& params) {
  const std::string path = params.file("weights", default_inception_path());
  std::error_code none;
  const bool named = path != default_inception_path();  // then it may also be a pipe
  if (named ? fs::exists(path, none) : fs::is_regular_file(path, none)) return path;
  throw Error(path + ": not there; the weights of the FID Inception are " +
              std::string(inception_file) +
              " (95,628,359 bytes), of the release fid_weights at "
              "https://github.com/mseitzer/pytorch-fid: put it at " +
              default_inception_path() + ", or name it with `features` inception:weights=FILE");
}

InceptionSettings settings_from(Params& params, const FeatureDevice& device) {
  InceptionSettings settings;
  settings.tap = *parse_integer(params.choice("tap", {"2048", "768", "192", "64"}));
  settings.resize = params.choice("resize", {"clean", "legacy_pytorch", "legacy_tensorflow"});
  const bool biased = params.choice("logits", {"unbiased", "biased"}) == "biased";
  settings.bias = biased ? LogitBias::added : LogitBias::left_out;
  settings.type = *nn::parse_dtype(params.choice("precision", {"float32", "bf16"}));
  if (!device.client && !nn::onednn::has_products_of(settings.type))
    params.refuse("precision", "bf16: " + no_avx512() + ", which bf16 takes; use float32");
  settings.path = weights_path(params);  // last, so that without it the others are known
  return settings;
}

/// "inception" alone is the published network: with any other file the distance may not
/// be FID, and the name says so.
Json provenance_of(const InceptionSettings& settings, const InceptionWeights& weights) {
  const auto [hash, published] = weights.identity();
  std::string name = "inception";
  if (settings.tap != inception_features) name += "-" + std::to_string(settings.tap);
  if (!published) name += " (weights " + hash.substr(0, 8) + ")";
  Json json = {{"features", name},
               {"weights", "sha256:" + hash},
               {"tap", settings.tap},
               {"resize", settings.resize},
               {"logits", settings.bias == LogitBias::added ? "biased" : "unbiased"},
               {"precision", settings.type == nn::DType::float32 ? "float32" : "bf16"}};
  if (published) json["weights_file"] = std::string("sha256:").append(inception_sha256);
  return json;
}

std::size_t width_of(FeatureKind kind, const InceptionSettings& settings) {
  if (kind == FeatureKind::logits) return std::size_t(inception_classes);
  return kind == FeatureKind::spatial ? inception_spatial : std::size_t(settings.tap);
}

constexpr std::array all_kinds{FeatureKind::features, FeatureKind::logits, FeatureKind::spatial};

/// Those wanted, or all where all cost no more than the features.
FeatureNetwork network_for(const InceptionSettings& settings, const InceptionWeights& weights,
                           std::span<const FeatureKind> wanted) {
  if (settings.tap == inception_features) wanted = all_kinds;
  FeatureNetwork network{.graph = inception_graph(settings.tap, wanted),
                         .weights = {},
                         .kinds = {wanted.begin(), wanted.end()},
                         .widths = {},
                         .working = settings.type};
  network.weights = inception_graph_weights(network.graph, weights, settings.bias);
  for (const FeatureKind kind : wanted) network.widths.push_back(width_of(kind, settings));
  return network;
}

std::vector<Tensor> run(const InceptionNetwork& network, const InceptionSettings& settings,
                        std::span<const Tensor> images, std::span<const FeatureKind> wanted) {
  std::vector<Tensor> rows;
  for (const FeatureKind kind : wanted)
    rows.push_back(Tensor(Shape{images.size(), width_of(kind, settings)}));
  const auto outputs_from = [&](std::size_t first) {
    InceptionOutputs outputs{.tap = settings.tap, .bias = settings.bias};
    for (std::size_t k = 0; k < wanted.size(); ++k) {
      float* const row = rows[k].data() + first * rows[k].shape()[1];
      (wanted[k] == FeatureKind::features ? outputs.features
       : wanted[k] == FeatureKind::logits ? outputs.logits
                                          : outputs.spatial) = row;
    }
    return outputs;
  };
  parallel_for((images.size() + group - 1) / group, [&](std::size_t i) {
    const std::size_t first = i * group;
    network.run(images.subspan(first, std::min(group, images.size() - first)), outputs_from(first));
  });
  return rows;
}

}  // namespace

FeatureExtractor inception_features_from(Params& params, const FeatureSettings& how) {
  const InceptionSettings settings = settings_from(params, how.device);
  const auto weights = std::make_shared<const InceptionWeights>(settings.path);
  FeatureExtractor extractor;
  extractor.provenance = provenance_of(settings, *weights);
  extractor.prepare = [rounding = how.rounding, resize = settings.resize](const Image& image) {
    return inception_input(byte_scale(image, rounding), resize);
  };
  extractor.kinds = {all_kinds.begin(), all_kinds.end()};
  if (how.device.client) {
    compute_on(extractor, how.device, [=](std::span<const FeatureKind> wanted) {
      return network_for(settings, *weights, wanted);
    });
    return extractor;
  }
  const auto network = std::make_shared<const InceptionNetwork>(*weights, settings.type);
  extractor.run = [=](std::span<const Tensor> images, std::span<const FeatureKind> wanted) {
    return run(*network, settings, images, wanted);
  };
  extractor.piece = group;
  return extractor;
}

Tensor inception_input(const Tensor& image, const std::string& resize) {
  constexpr auto size = std::size_t(inception_size);
  const Tensor resized = resize == "clean" ? resize_clean(image, size, size)
                         : resize == "legacy_pytorch"
                             ? resize_bilinear(image, size, size, Grid::centres)
                             : resize_bilinear(image, size, size, Grid::corners);
  const std::size_t given = resized.shape()[2];
  const bool pytorch = resize == "legacy_pytorch";
  const auto seen = [pytorch](float value) {
    value = std::clamp(value, 0.0f, 255.0f);
    return pytorch ? 2 * (value / 255) - 1 : (value - 128) / 128;
  };
  Tensor out(Shape{size, size, 3});
  if (given == 3)
    std::transform(resized.begin(), resized.end(), out.begin(), seen);
  else
    for (std::size_t i = 0; i < out.size(); ++i) out.data()[i] = seen(resized.data()[i / 3]);
  return out;
}

}  // namespace diffusion
