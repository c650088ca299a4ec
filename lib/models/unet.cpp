#include "lib/models/unet.hpp"

#include <array>
#include <optional>
#include <utility>

#include "lib/models/unet_config.hpp"
#include "lib/nn/blocks.hpp"

namespace diffusion {
namespace {

using nn::Graph;
using nn::Value;
namespace layers = nn::layers;

/// Two convolutions with a residual connection around them (He et al., "Identity Mappings in Deep
/// Residual Networks", 2016), shifted by the time in between (Ho et al. 2020), or shifted and
/// scaled (Dhariwal and Nichol, "Diffusion Models Beat GANs on Image Synthesis", 2021, Sec. 3).
struct ResidualLayers {
  std::string name;
  layers::GroupNorm norm1;
  layers::Convolution conv1;
  layers::Linear time;
  layers::GroupNorm norm2;
  layers::Convolution conv2, shortcut;  // the latter where the channels change
};

/// Self-attention among pixels, normalised before, with a residual connection around it.
struct AttentionLayers {
  std::optional<layers::GroupNorm> norm;
  layers::PixelLinear qkv;
  layers::Attention product;
  layers::PixelLinear out;
};

/// Writes a U-Net down: what its layers are, and what flows between them.
class Description {
 public:
  explicit Description(const UNetConfig& config)
      : c_(config), g_({.channels = c_.in_channels, .multiple = c_.size_factor()}) {}

  Graph graph() {
    const std::int64_t first = c_.block_out_channels[0], time = c_.time_embedding_dim;
    const layers::Convolution in{"conv_in", nn::conv3x3(c_.in_channels, first)};
    const layers::Linear time1{"time_embedding.linear_1", c_.sinusoids.channels, time};
    const layers::Linear time2{"time_embedding.linear_2", time, time};
    const layers::GroupNorm norm_out = norm("conv_norm_out", first);
    const layers::Convolution out{"conv_out", nn::conv3x3(first, c_.out_channels)};
    g_.declare(in, time1, time2, norm_out, out);

    nn::Condition condition{c_.sinusoids, time1, time2};
    if (c_.num_class_embeds) condition.label = {"class_embedding", *c_.num_class_embeds, time};
    time_ = condition.add_to(g_);
    skips_.push_back(g_.add(in, {prepared(g_.images())}));
    Value x = skips_.back();
    for (std::size_t level = 0; level < levels(); ++level) x = down(x, level);
    if (c_.mid_block) x = middle(x);
    for (std::size_t level = levels(); level-- > 0;) x = up(x, level);
    x = g_.add(out, {g_.add(norm_out, {x})});
    g_.add(layers::Conversion{layers::Conversion::To::float32}, {x});
    return std::move(g_);
  }

 private:
  std::size_t levels() const { return c_.block_out_channels.size(); }
  layers::GroupNorm norm(const std::string& name, std::int64_t channels) const {
    return {name, channels, c_.norm_num_groups, c_.norm_eps, nn::Activation::silu};
  }

  Value prepared(Value x) {
    if (c_.center_input_sample) x = g_.add(layers::Affine{2, -1}, {x});
    return g_.add(layers::Conversion{layers::Conversion::To::working}, {x});
  }

  ResidualLayers residual_layers(const std::string& name, std::int64_t in, std::int64_t out) {
    const ResidualLayers layers{
        .name = name,
        .norm1 = norm(name + ".norm1", in),
        .conv1 = {name + ".conv1", nn::conv3x3(in, out)},
        .time = {name + ".time_emb_proj", c_.time_embedding_dim, c_.time_scales ? 2 * out : out},
        .norm2 = norm(name + ".norm2", out),
        .conv2 = {name + ".conv2", nn::conv3x3(out, out)},
        .shortcut = {name + ".conv_shortcut", {.in = in, .out = out}}};
    g_.declare(layers.norm1, layers.conv1, layers.time, layers.norm2, layers.conv2);
    if (in != out) g_.declare(layers.shortcut);
    return layers;
  }

  /// `resampling` doubles or halves the sides, on both ways.
  Value residual(Value x, const ResidualLayers& layers, float divisor = 1,
                 const std::optional<nn::Layer>& resampling = {}) {
    const bool alike = layers.conv1.shape.in == layers.conv1.shape.out;
    Value h = g_.add(layers.norm1, {x});
    if (resampling) {
      h = g_.add(*resampling, {h});
      x = g_.add(*resampling, {x});
    }
    const Value straight = alike ? x : g_.add(layers.shortcut, {x});
    h = normalised_for_time(g_.add(layers.conv1, {h}), layers);
    if (c_.dropout > 0) h = g_.add(layers::Dropout{layers.name, c_.dropout}, {h});
    return divided(g_.add(layers::Sum{}, {straight, g_.add(layers.conv2, {h})}), divisor);
  }

  Value normalised_for_time(Value h, const ResidualLayers& layers) {
    const Value time = g_.add(layers.time, {time_});
    if (!c_.time_scales) return g_.add(layers.norm2, {h, time});
    const std::int64_t channels = layers.norm2.channels;
    const Value scale = g_.add(layers::ChannelRange{0, channels}, {time});
    const Value shift = g_.add(layers::ChannelRange{channels, channels}, {time});
    return g_.add(layers.norm2, {h, shift, scale});
  }

  AttentionLayers attention_layers(const std::string& name, std::int64_t channels,
                                   std::optional<std::int64_t> groups) {
    AttentionLayers layers{{},
                           {{name + ".to_q", name + ".to_k", name + ".to_v"}, channels, channels},
                           {c_.heads(channels)},
                           {{name + ".to_out.0"}, channels, channels}};
    if (groups) layers.norm = {name + ".group_norm", channels, *groups, c_.norm_eps};
    if (layers.norm) g_.declare(*layers.norm);
    g_.declare(layers.qkv, layers.out);
    return layers;
  }

  Value attention(Value x, const AttentionLayers& layers, float divisor = 1) {
    const Value qkv = g_.add(layers.qkv, {layers.norm ? g_.add(*layers.norm, {x}) : x});
    const Value y = g_.add(layers.out, {g_.add(layers.product, {qkv})});
    return divided(g_.add(layers::Sum{}, {x, y}), divisor);
  }

  Value divided(Value x, float divisor) {
    return divisor == 1 ? x : g_.add(layers::Affine{1 / divisor, 0}, {x});
  }

  /// A residual block, and attention where the level has it.
  Value layer(Value x, const std::string& level, std::int64_t i, std::int64_t out, bool attends) {
    const std::string number = std::to_string(i);
    std::optional<AttentionLayers> attending;
    if (attends)
      attending = attention_layers(level + ".attentions." + number, out, c_.norm_num_groups);
    x = residual(x, residual_layers(level + ".resnets." + number, g_.channels(x), out));
    return attending ? attention(x, *attending) : x;
  }

  /// Leaves each layer's result for the way up.
  Value down(Value x, std::size_t level) {
    const std::string name = "down_blocks." + std::to_string(level);
    const std::int64_t channels = c_.block_out_channels[level];
    for (std::int64_t i = 0; i < c_.layers_per_block; ++i) {
      x = layer(x, name, i, channels, c_.down[level].attends);
      skips_.push_back(x);
    }
    if (level + 1 == levels()) return x;
    x = halved(x, name + ".downsamplers.0", c_.down[level]);
    skips_.push_back(x);
    return x;
  }

  Value halved(Value x, const std::string& name, const UNetLevel& kind) {
    const std::int64_t channels = g_.channels(x);
    if (kind.resamples_in_residual)
      return residual(x, residual_layers(name, channels, channels), 1, layers::MeanDownsampling{});
    return g_.add(layers::Convolution{name + ".conv",
                                      {.in = channels,
                                       .out = channels,
                                       .kernel = 3,
                                       .stride = 2,
                                       .pad_before = c_.downsample_padding,
                                       .pad_after = 1}},
                  {x});
  }

  Value doubled(Value x, const std::string& name, const UNetLevel& kind) {
    const std::int64_t channels = g_.channels(x);
    if (kind.resamples_in_residual)
      return residual(x, residual_layers(name, channels, channels), 1, layers::NearestUpsampling{});
    x = g_.add(layers::NearestUpsampling{}, {x});
    return g_.add(layers::Convolution{name + ".conv", nn::conv3x3(channels, channels)}, {x});
  }

  Value middle(Value x) {
    const std::int64_t channels = c_.block_out_channels.back();
    const float divisor = c_.mid_block_scale_factor;
    const ResidualLayers first = residual_layers("mid_block.resnets.0", channels, channels);
    const ResidualLayers second = residual_layers("mid_block.resnets.1", channels, channels);
    x = residual(x, first, divisor);
    if (c_.mid_attention)
      x = attention(x,
                    attention_layers("mid_block.attentions.0", channels, c_.mid_attention_groups),
                    divisor);
    return residual(x, second, divisor);
  }

  /// Each layer takes what the way down left last.
  Value up(Value x, std::size_t level) {
    const std::string name = "up_blocks." + std::to_string(levels() - 1 - level);
    const std::int64_t channels = c_.block_out_channels[level];
    const UNetLevel& kind = c_.up[levels() - 1 - level];
    for (std::int64_t i = 0; i <= c_.layers_per_block; ++i) {
      x = g_.add(layers::Concatenation{}, {x, skips_.back()});
      skips_.pop_back();
      x = layer(x, name, i, channels, kind.attends);
    }
    return level == 0 ? x : doubled(x, name + ".upsamplers.0", kind);
  }

  const UNetConfig& c_;
  Graph g_;
  Value time_{};
  std::vector<Value> skips_;
};

Graph unet_graph(const Json& config) { return Description(parse_unet_config(config)).graph(); }

NetworkImages unet_images(const Json& config) {
  const UNetConfig c = parse_unet_config(config);
  return {.sides = c.sample_size,
          .channels = std::size_t(c.in_channels),
          .labels = std::size_t(c.num_class_embeds.value_or(0))};
}

std::string beyond_diffusers(const Json& config) {
  return parse_unet_config(config).num_attention_heads ? "num_attention_heads" : "";
}

/// Class vectors start as torch.nn.Embedding's do.
InitialLaw unet_law(const nn::Param& param, std::size_t inputs) {
  if (param.name == "class_embedding.weight") return {InitialLaw::Kind::normal, 1};
  return pytorch_law(param, inputs);
}

}  // namespace

NetworkInfo unet_network() {
  static constexpr std::string_view image_keys[] = {"sample_size"}, training_keys[] = {"dropout"};
  static constexpr NetworkPreset presets[] = {{"unet"}};
  return {.name = unet_class_name,
          .summary = "U-Net with residual blocks and self-attention",
          .reference = "Ho, Jain and Abbeel 2020, appendix B",
          .part = "unet",
          .defaults = R"({"block_out_channels": [16, 32, 64], "layers_per_block": 1})",
          .keys = unet_keys,
          .images = unet_images,
          .check = check_unet,
          .fit = fit_unet,
          .graph = unet_graph,
          .presets = presets,
          .image_keys = image_keys,
          .training_keys = training_keys,
          .initial = unet_law,
          .current_name = current_weight_name,
          .beyond_diffusers = beyond_diffusers};
}

std::string current_weight_name(std::string_view name) {
  constexpr std::array<std::array<std::string_view, 2>, 4> renamed{{{".query.", ".to_q."},
                                                                    {".key.", ".to_k."},
                                                                    {".value.", ".to_v."},
                                                                    {".proj_attn.", ".to_out.0."}}};
  std::string current(name);
  if (name.find("attentions.") == name.npos) return current;
  for (const auto& [before, now] : renamed)
    if (const auto at = current.find(before); at != current.npos)
      current.replace(at, before.size(), now);
  return current;
}

}  // namespace diffusion
