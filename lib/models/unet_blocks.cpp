#include "lib/models/unet_blocks.hpp"

namespace diffusion {

using nn::Graph, nn::Value;
namespace layers = nn::layers;

Value resampled(Graph& graph, Value x, UNetSampling how) {
  switch (how) {
    case UNetSampling::none:
      return x;
    case UNetSampling::halved:
      return graph.add(layers::MeanDownsampling{}, {x});
    case UNetSampling::doubled:
      return graph.add(layers::NearestUpsampling{}, {x});
    case UNetSampling::halved_smoothly:
      return graph.add(layers::MeanDownsampling{}, {graph.add(layers::Blur{}, {x})});
    case UNetSampling::doubled_smoothly:
      return graph.add(layers::Blur{}, {graph.add(layers::NearestUpsampling{}, {x})});
  }
  __builtin_unreachable();
}

layers::GroupNorm UNetBlocks::norm(const std::string& name, std::int64_t channels,
                                   std::int64_t groups) const {
  return {name, channels, groups, c_.norm_eps, c_.activation};
}

ResidualLayers UNetBlocks::declared(const ResidualBlock& block) {
  const auto& [name, in, out, groups, groups_out, divisor, sampling, shortcut] = block;
  ResidualLayers made{
      .block = block,
      .norm1 = norm(name + ".norm1", in, groups),
      .conv1 = {name + ".conv1", nn::conv3x3(in, out)},
      .time = {name + ".time_emb_proj", c_.time_embedding_dim, c_.time_scales ? 2 * out : out},
      .norm2 = norm(name + ".norm2", out, groups_out),
      .conv2 = {name + ".conv2", nn::conv3x3(out, out)},
      .shortcut = {}};
  g_.declare(made.norm1, made.conv1, made.time, made.norm2, made.conv2);
  if (in == out && !shortcut) return made;
  made.shortcut = {name + ".conv_shortcut", {.in = in, .out = out}};
  g_.declare(*made.shortcut);
  return made;
}

Value UNetBlocks::add(Value x, const ResidualLayers& layers) {
  const ResidualBlock& block = layers.block;
  Value h = resampled(g_, g_.add(layers.norm1, {x}), block.sampling);
  x = resampled(g_, x, block.sampling);
  const Value straight = layers.shortcut ? g_.add(*layers.shortcut, {x}) : x;
  h = normalised_for_time(g_.add(layers.conv1, {h}), layers);
  if (c_.dropout > 0) h = g_.add(layers::Dropout{block.name, c_.dropout}, {h});
  return divided(g_.add(layers::Sum{}, {straight, g_.add(layers.conv2, {h})}), block.divisor);
}

Value UNetBlocks::normalised_for_time(Value h, const ResidualLayers& layers) {
  const Value time = g_.add(layers.time, {time_});
  if (!c_.time_scales) return g_.add(layers.norm2, {h, time});
  const std::int64_t channels = layers.norm2.channels;
  const Value scale = g_.add(layers::ChannelRange{0, channels}, {time});
  const Value shift = g_.add(layers::ChannelRange{channels, channels}, {time});
  return g_.add(layers.norm2, {h, shift, scale});
}

AttentionLayers UNetBlocks::declared(const AttentionBlock& block) {
  const auto& [name, channels, groups, divisor] = block;
  AttentionLayers made{
      .block = block,
      .norm = {},
      .qkv = {{name + ".to_q", name + ".to_k", name + ".to_v"}, channels, channels},
      .product = {c_.heads(channels)},
      .out = {{name + ".to_out.0"}, channels, channels}};
  if (groups) made.norm = {name + ".group_norm", channels, *groups, c_.norm_eps};
  if (made.norm) g_.declare(*made.norm);
  g_.declare(made.qkv, made.out);
  return made;
}

Value UNetBlocks::add(Value x, const AttentionLayers& layers) {
  const Value qkv = g_.add(layers.qkv, {layers.norm ? g_.add(*layers.norm, {x}) : x});
  const Value y = g_.add(layers.out, {g_.add(layers.product, {qkv})});
  return divided(g_.add(layers::Sum{}, {x, y}), layers.block.divisor);
}

Value UNetBlocks::divided(Value x, float divisor) {
  return divisor == 1 ? x : g_.add(layers::Affine{1 / divisor, 0}, {x});
}

}  // namespace diffusion
