// The blocks of a U-Net: residual ones and self-attention, and how they resample.
#pragma once
#include <optional>
#include <string>

#include "lib/models/unet_config.hpp"
#include "lib/nn/graph.hpp"

namespace diffusion {

/// How images are halved or doubled without weights: by means and copies, or with a blur at the
/// larger size.
enum class UNetSampling { none, halved, doubled, halved_smoothly, doubled_smoothly };

nn::Value resampled(nn::Graph& graph, nn::Value x, UNetSampling how);

struct ResidualBlock {
  std::string name;
  std::int64_t in, out;
  std::int64_t groups, groups_out;  // of the norms
  float divisor = 1;                // of the result
  UNetSampling sampling = UNetSampling::none;
  bool shortcut = false;  // has a convolution around it even where the channels are alike
};

/// Two convolutions with a residual connection around them (He et al., "Identity Mappings in Deep
/// Residual Networks", 2016), shifted by the time in between (Ho et al. 2020), or shifted and
/// scaled (Dhariwal and Nichol, "Diffusion Models Beat GANs on Image Synthesis", 2021, Sec. 3).
struct ResidualLayers {
  ResidualBlock block;
  nn::layers::GroupNorm norm1;
  nn::layers::Convolution conv1;
  nn::layers::Linear time;
  nn::layers::GroupNorm norm2;
  nn::layers::Convolution conv2;
  std::optional<nn::layers::Convolution> shortcut;
};

struct AttentionBlock {
  std::string name;
  std::int64_t channels;
  std::optional<std::int64_t> groups;  // of the norm before it; nothing: it has none
  float divisor = 1;                   // of the result
};

/// Self-attention among pixels, normalised before, with a residual connection around it.
struct AttentionLayers {
  AttentionBlock block;
  std::optional<nn::layers::GroupNorm> norm;
  nn::layers::PixelLinear qkv;
  nn::layers::Attention product;
  nn::layers::PixelLinear out;
};

/// Writes blocks into a graph.
class UNetBlocks {
 public:
  /// Both outlive it.
  UNetBlocks(const UNetConfig& config, nn::Graph& graph) : c_(config), g_(graph) {}

  /// What residual blocks are told of the time: said before the first is added.
  void tell(nn::Value time) { time_ = time; }

  /// With the network's activation after it.
  nn::layers::GroupNorm norm(const std::string& name, std::int64_t channels,
                             std::int64_t groups) const;

  /// They declare the weights, which model files hold in that order.
  ResidualLayers declared(const ResidualBlock& block);
  AttentionLayers declared(const AttentionBlock& block);

  nn::Value add(nn::Value x, const ResidualLayers& layers);
  nn::Value add(nn::Value x, const AttentionLayers& layers);
  nn::Value add(nn::Value x, const ResidualBlock& block) { return add(x, declared(block)); }

 private:
  nn::Value normalised_for_time(nn::Value h, const ResidualLayers& layers);
  nn::Value divided(nn::Value x, float divisor);

  const UNetConfig& c_;
  nn::Graph& g_;
  nn::Value time_{};
};

}  // namespace diffusion
