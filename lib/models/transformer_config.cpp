#include "lib/models/transformer_config.hpp"

#include "lib/base/error.hpp"
#include "lib/models/config_keys.hpp"
#include "lib/models/task_keys.hpp"

namespace diffusion {
namespace {

constexpr std::int64_t most_channels = 1 << 16, most_context = 1 << 12;

TransformerConfig take_all(ConfigKeys& keys, TransformerKind kind) {
  TransformerConfig c;
  c.grid = take_patch_grid(keys);
  c.in_channels = keys.positive("in_channels", c.in_channels);
  c.out_channels = keys.positive("out_channels", c.in_channels, 2 * most_channels);
  c.hidden_size = keys.positive("hidden_size", c.hidden_size, most_channels);
  c.depth = keys.positive("depth", c.depth, most_transformer_blocks);
  c.num_heads = keys.positive("num_heads", c.num_heads, most_channels);
  c.mlp_ratio = keys.number("mlp_ratio", c.mlp_ratio);
  c.dropout = keys.dropout();
  c.num_classes = keys.positive_or_null("num_classes", {}, most_class_labels);
  if (kind == TransformerKind::jit) {
    c.bottleneck_dim = keys.positive_or_null("bottleneck_dim", {}, most_channels);
    c.in_context_len = keys.positive_or_null("in_context_len", {}, most_context).value_or(0);
    if (const auto start = keys.find("in_context_start"))
      c.in_context_start = start->whole(0, most_transformer_blocks);
  }
  c.time_scale = keys.number("time_scale", c.time_scale);
  c.time_offset = keys.number("time_offset", c.time_offset);
  return c;
}

/// What is refused whatever the images are.
void check_blocks(const ConfigKeys& keys, const TransformerConfig& c, TransformerKind kind) {
  if (c.hidden_size % 4 != 0)
    keys.refuse("hidden_size", "a multiple of 4, for sines and cosines of two coordinates");
  if (c.hidden_size % c.num_heads != 0)
    keys.refuse("num_heads", "a divisor of hidden_size, " + std::to_string(c.hidden_size));
  if (kind == TransformerKind::jit && c.head_size() % 4 != 0)
    keys.refuse("num_heads", "such that heads of hidden_size / num_heads are multiples of 4");
  if (c.in_context_len > 0 && c.in_context_start >= c.depth)
    keys.refuse("in_context_start", "a block, from 0 to " + std::to_string(c.depth - 1));
  if (c.time_scale == 0) keys.refuse("time_scale", "a number other than 0");
  if (!(c.mlp_ratio > 0 && c.mlp_ratio <= 64) || c.mlp_size() < 2)
    keys.refuse("mlp_ratio", "a number in (0, 64] that leaves the MLP channels");
}

TransformerConfig parse_blocks(const Json& config, TransformerKind kind) {
  ConfigKeys keys(config, class_name(kind));
  const TransformerConfig c = take_all(keys, kind);
  keys.finish();
  check_blocks(keys, c, kind);
  return c;
}

}  // namespace

const char* class_name(TransformerKind kind) {
  return kind == TransformerKind::dit ? "DiT" : "JiT";
}

TransformerConfig parse_transformer_config(const Json& config, TransformerKind kind) {
  const TransformerConfig c = parse_blocks(config, kind);
  c.grid.check(ConfigKeys(config, class_name(kind)));
  return c;
}

std::vector<std::string> transformer_keys(TransformerKind kind) {
  const Json none = Json::object();
  ConfigKeys keys(none, class_name(kind));
  take_all(keys, kind);
  return keys.known();
}

void check_transformer(const Json& config, TransformerKind kind) { parse_blocks(config, kind); }

Json fit_transformer(Json model, const NetworkTask& task, TransformerKind kind) {
  parse_blocks(model, kind).grid.check_images(task.sides);
  fit_images(model, task);
  fit_classes(model, "num_classes", task.classes, task.classes);
  return model;
}

}  // namespace diffusion
