// What a U-Net's layers are, and what flows between them.
#include "lib/models/unet_description.hpp"

#include <numbers>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/models/unet_blocks.hpp"
#include "lib/models/unet_time.hpp"

namespace diffusion {
namespace {

using nn::Graph;
using nn::Value;
using Resampling = UNetLevel::Resampling;
namespace layers = nn::layers;

constexpr float skip_divisor = std::numbers::sqrt2_v<float>;  // of skip blocks' results
constexpr std::int64_t skip_attention_groups = 32;

/// Writes a U-Net down: what its layers are, and what flows between them.
class Description {
 public:
  explicit Description(const UNetConfig& config)
      : c_(config),
        g_({.channels = c_.in_channels, .multiple = c_.size_factor()}),
        blocks_(c_, g_) {}

  Graph graph() {
    const std::int64_t first = c_.block_out_channels[0];
    const layers::Convolution in{"conv_in", nn::conv3x3(c_.in_channels, first)};
    const UNetEmbedding time("time_embedding", c_);
    const layers::GroupNorm norm_out{"conv_norm_out", first, c_.groups(first), c_.norm_eps,
                                     nn::Activation::silu};
    const layers::Convolution out{"conv_out", nn::conv3x3(first, c_.out_channels)};
    g_.declare(in, time.first, time.second, norm_out, out);

    blocks_.tell(unet_condition(g_, c_, time));
    small_image_ = prepared(g_.images());
    skips_.push_back(g_.add(in, {small_image_}));
    Value x = skips_.back();
    for (std::size_t level = 0; level < levels(); ++level) x = down(x, level);
    if (c_.mid_block) x = middle(x);
    for (std::size_t level = levels(); level-- > 0;) x = up(x, level);
    x = g_.add(out, {g_.add(norm_out, {x})});
    if (said_) x = g_.add(layers::Sum{}, {x, *said_});
    divided_by_time(g_, c_, g_.add(layers::Conversion{layers::Conversion::To::float32}, {x}));
    return std::move(g_);
  }

 private:
  std::size_t levels() const { return c_.block_out_channels.size(); }

  Value prepared(Value x) {
    if (c_.center_input_sample) x = g_.add(layers::Affine{2, -1}, {x});
    return g_.add(layers::Conversion{layers::Conversion::To::working}, {x});
  }

  ResidualBlock residual_block(const std::string& name, std::int64_t in, std::int64_t out,
                               const UNetLevel& kind) const {
    if (!kind.skips())
      return {.name = name,
              .in = in,
              .out = out,
              .groups = c_.groups(in),
              .groups_out = c_.groups(out)};
    return {.name = name,
            .in = in,
            .out = out,
            .groups = usual_groups(in),
            .groups_out = usual_groups(out),
            .divisor = skip_divisor};
  }

  AttentionBlock attention_block(const std::string& name, std::int64_t channels,
                                 const UNetLevel& kind) const {
    if (kind.skips()) return {name, channels, skip_attention_groups, skip_divisor};
    return {name, channels, c_.groups(channels)};
  }

  /// A residual block, and attention where the level has it after each.
  Value layer(Value x, const ResidualBlock& block, const std::optional<AttentionBlock>& attention) {
    std::optional<AttentionLayers> attending;
    if (attention) attending = blocks_.declared(*attention);
    x = blocks_.add(x, block);
    return attending ? blocks_.add(x, *attending) : x;
  }

  /// Leaves each layer's result for the way up.
  Value down(Value x, std::size_t level) {
    const std::string name = "down_blocks." + std::to_string(level);
    const std::int64_t channels = c_.block_out_channels[level];
    const UNetLevel& kind = c_.down[level];
    for (std::int64_t i = 0; i < c_.layers_per_block; ++i) {
      const std::string number = std::to_string(i);
      std::optional<AttentionBlock> attention;
      if (kind.attends) attention = attention_block(name + ".attentions." + number, channels, kind);
      x = layer(x, residual_block(name + ".resnets." + number, g_.channels(x), channels, kind),
                attention);
      skips_.push_back(x);
    }
    if (level + 1 == levels()) return x;
    x = halved(x, name, kind);
    skips_.push_back(x);
    return x;
  }

  /// A residual block that resamples.
  Value resampled_in(const std::string& name, Value x, const UNetLevel& kind,
                     UNetSampling sampling) {
    ResidualBlock block = residual_block(name, g_.channels(x), g_.channels(x), kind);
    block.sampling = sampling;
    block.shortcut = kind.skips();
    return blocks_.add(x, block);
  }

  Value halved(Value x, const std::string& name, const UNetLevel& kind) {
    const std::int64_t channels = g_.channels(x);
    if (kind.resampling == Resampling::residual)
      return resampled_in(name + ".downsamplers.0", x, kind, UNetSampling::halved);
    if (kind.resampling == Resampling::convolution)
      return g_.add(layers::Convolution{name + ".downsamplers.0.conv",
                                        {.in = channels,
                                         .out = channels,
                                         .kernel = 3,
                                         .stride = 2,
                                         .pad_before = c_.downsample_padding,
                                         .pad_after = 1}},
                    {x});
    x = resampled_in(name + ".resnet_down", x, kind, UNetSampling::halved_smoothly);
    small_image_ = resampled(g_, small_image_, UNetSampling::halved_smoothly);
    const layers::Convolution of_image{name + ".skip_conv",
                                       {.in = c_.in_channels, .out = channels}};
    return g_.add(layers::Sum{}, {x, g_.add(of_image, {small_image_})});
  }

  Value doubled(Value x, const std::string& name, const UNetLevel& kind) {
    const std::int64_t channels = g_.channels(x);
    if (kind.skips())
      return resampled_in(name + ".resnet_up", x, kind, UNetSampling::doubled_smoothly);
    if (kind.resampling == Resampling::residual)
      return resampled_in(name + ".upsamplers.0", x, kind, UNetSampling::doubled);
    x = g_.add(layers::NearestUpsampling{}, {x});
    return g_.add(layers::Convolution{name + ".upsamplers.0.conv", nn::conv3x3(channels, channels)},
                  {x});
  }

  Value middle(Value x) {
    const std::int64_t channels = c_.block_out_channels.back();
    const auto block = [&](const char* name) {
      ResidualBlock made = residual_block(name, channels, channels, {});
      made.divisor = c_.mid_block_scale_factor;
      return made;
    };
    const ResidualLayers first = blocks_.declared(block("mid_block.resnets.0"));
    const ResidualLayers second = blocks_.declared(block("mid_block.resnets.1"));
    x = blocks_.add(x, first);
    if (c_.mid_attention)
      x = blocks_.add(
          x, blocks_.declared(AttentionBlock{"mid_block.attentions.0", channels,
                                             c_.mid_attention_groups, c_.mid_block_scale_factor}));
    return blocks_.add(x, second);
  }

  /// Each layer takes what the way down left last.
  Value up(Value x, std::size_t level) {
    const std::string name = "up_blocks." + std::to_string(levels() - 1 - level);
    const std::int64_t channels = c_.block_out_channels[level];
    const UNetLevel& kind = c_.up[levels() - 1 - level];
    for (std::int64_t i = 0; i <= c_.layers_per_block; ++i) {
      const std::string number = std::to_string(i);
      const std::int64_t before = g_.channels(x), skipped = g_.channels(skips_.back());
      x = g_.add(layers::Concatenation{}, {x, skips_.back()});
      skips_.pop_back();
      ResidualBlock block =
          residual_block(name + ".resnets." + number, before + skipped, channels, kind);
      std::optional<AttentionBlock> attention;
      if (kind.attends && !kind.skips())
        attention = attention_block(name + ".attentions." + number, channels, kind);
      // As in diffusers, where precedence took the division from the first summand.
      if (kind.attends && kind.skips()) block.groups = usual_groups(4 * before + skipped);
      x = layer(x, block, attention);
    }
    if (kind.skips()) x = with_image(x, name, kind, level);
    return level == 0 ? x : doubled(x, name, kind);
  }

  /// What the level says of the image is added to what those below it said.
  Value with_image(Value x, const std::string& name, const UNetLevel& kind, std::size_t level) {
    const std::int64_t channels = g_.channels(x);
    if (kind.attends)
      x = blocks_.add(x, blocks_.declared(attention_block(name + ".attentions.0", channels, kind)));
    if (said_) said_ = resampled(g_, *said_, UNetSampling::doubled_smoothly);
    if (level == 0) return x;
    const layers::GroupNorm norm{name + ".skip_norm", channels, usual_groups(channels), c_.norm_eps,
                                 nn::Activation::silu};
    const layers::Convolution to_image{name + ".skip_conv", nn::conv3x3(channels, c_.out_channels)};
    const Value own = g_.add(to_image, {g_.add(norm, {x})});
    said_ = said_ ? g_.add(layers::Sum{}, {*said_, own}) : own;
    return x;
  }

  const UNetConfig& c_;
  Graph g_;
  UNetBlocks blocks_;
  Value small_image_{};        // of skip blocks on the way down
  std::optional<Value> said_;  // of skip blocks on the way up
  std::vector<Value> skips_;
};

}  // namespace

nn::Graph unet_description(const UNetConfig& config) { return Description(config).graph(); }

}  // namespace diffusion
