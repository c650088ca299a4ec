#include "lib/models/unet_config.hpp"

#include "lib/base/error.hpp"
#include "lib/models/config_keys.hpp"
#include "lib/models/task_keys.hpp"

namespace diffusion {
namespace {

std::vector<std::int64_t> take_channels(ConfigKeys& keys) {
  const auto value = keys.find("block_out_channels");
  if (!value) return {224, 448, 672, 896};
  const auto entries = value->array();
  if (entries.empty() || entries.size() > most_levels)
    value->refuse("an array of a number of channels for each of 1 to " +
                  std::to_string(most_levels) + " levels");
  std::vector<std::int64_t> channels;
  for (const JsonAt& entry : entries) channels.push_back(entry.whole(1, most_channels));
  return channels;
}

/// Keys of which this network has one value only.
void take_fixed(ConfigKeys& keys) {
  keys.one_of("time_embedding_type", {"positional"});
  keys.one_of("act_fn", {"silu", "swish"});
  keys.one_of("class_embed_type", {nullptr});
  keys.find("num_train_timesteps");  // belongs to learned time embeddings
}

nn::SinusoidShape take_sinusoids(ConfigKeys& keys, std::int64_t channels) {
  nn::SinusoidShape shape{.channels = channels};
  if (!keys.flag("flip_sin_to_cos", true)) shape.order = nn::SinusoidOrder::sin_cos;
  shape.frequency_shift = keys.number("freq_shift", 0);
  if (channels < 2)
    keys.refuse("block_out_channels", "an array that begins with at least 2, for the time");
  const std::int64_t sinusoids = channels / 2;
  if (double(sinusoids) <= shape.frequency_shift)
    keys.refuse("freq_shift", "below half of block_out_channels[0]");
  return shape;
}

void check_levels(const ConfigKeys& keys, const UNetConfig& c) {
  const auto check = [&](const std::vector<UNetLevel>& blocks, const std::string& key) {
    if (blocks.size() != c.block_out_channels.size())
      throw Error("model config: " + key + " has " + std::to_string(blocks.size()) +
                  " entries where block_out_channels has " + std::to_string(c.levels()));
  };
  check(c.down, "down_block_types");
  check(c.up, "up_block_types");
  for (const std::int64_t channels : c.block_out_channels) {
    const auto divides = [&](std::int64_t part, const std::string& key) {
      if (channels % part != 0)
        throw Error("model config: " + key + " = " + std::to_string(part) +
                    " does not divide block_out_channels' " + std::to_string(channels));
    };
    divides(c.norm_num_groups, "norm_num_groups");
    if (c.attention_head_dim) divides(*c.attention_head_dim, "attention_head_dim");
    if (c.num_attention_heads) divides(*c.num_attention_heads, "num_attention_heads");
  }
  if (c.mid_attention_groups && c.block_out_channels.back() % *c.mid_attention_groups != 0)
    keys.refuse("attn_norm_num_groups", "a divisor of the last of block_out_channels");
}

/// "down" or "up". Where a level attends, `WAYsample_type` says how it halves or doubles.
std::vector<UNetLevel> take_levels(ConfigKeys& keys, const std::string& way,
                                   std::vector<std::size_t> fallback) {
  const std::string name = way == "down" ? "Down" : "Up";
  enum : std::size_t { plain, attending, resampling };
  const auto kinds =
      keys.blocks(way + "_block_types",
                  {name + "Block2D", "Attn" + name + "Block2D", "Resnet" + name + "sampleBlock2D"},
                  std::move(fallback));
  const bool in_residual = keys.one_of(way + "sample_type", {"conv", "resnet"}) == 1;
  std::vector<UNetLevel> levels;
  for (const std::size_t kind : kinds)
    levels.push_back(
        {.attends = kind == attending,
         .resamples_in_residual = kind == resampling || (kind == attending && in_residual)});
  return levels;
}

void take_mid_block(ConfigKeys& keys, UNetConfig& c) {
  c.mid_block = keys.one_of("mid_block_type", {"UNetMidBlock2D", nullptr}) == 0;
  c.mid_attention = keys.flag("add_attention", true);
  c.mid_block_scale_factor = float(keys.number("mid_block_scale_factor", 1));
  if (c.mid_block_scale_factor == 0)
    keys.refuse("mid_block_scale_factor", "a number that float32 tells from 0");
}

void take_norms(ConfigKeys& keys, UNetConfig& c) {
  c.norm_num_groups = keys.positive("norm_num_groups", 32);
  c.mid_attention_groups = keys.positive_or_null("attn_norm_num_groups", {});
  c.norm_eps = float(keys.number("norm_eps", 1e-5));
  c.time_scales = keys.one_of("resnet_time_scale_shift", {"default", "scale_shift"}) == 1;
  // As in diffusers, where what modulates norms takes the middle's own away.
  if (!c.mid_attention_groups && !c.time_scales) c.mid_attention_groups = c.norm_num_groups;
}

/// Takes every key that there is.
UNetConfig take_all(ConfigKeys& keys) {
  UNetConfig c;
  c.sample_size = take_sample_size(keys);
  take_fixed(keys);
  c.in_channels = keys.positive("in_channels", 3);
  c.out_channels = keys.positive("out_channels", 3);
  c.center_input_sample = keys.flag("center_input_sample", false);
  c.block_out_channels = take_channels(keys);
  c.down = take_levels(keys, "down", {0, 1, 1, 1});
  c.up = take_levels(keys, "up", {1, 1, 1, 0});
  c.num_attention_heads = keys.positive_or_null("num_attention_heads", {});
  c.attention_head_dim = keys.positive_or_null("attention_head_dim", 8);
  if (c.num_attention_heads) c.attention_head_dim = {};
  c.layers_per_block = keys.positive("layers_per_block", 2, most_layers);
  take_mid_block(keys, c);
  c.downsample_padding = std::int64_t(1 - keys.one_of("downsample_padding", {1, 0}));
  take_norms(keys, c);
  c.dropout = keys.dropout();
  c.sinusoids = take_sinusoids(keys, c.block_out_channels[0]);
  c.time_embedding_dim = keys.positive_or_null("time_embedding_dim", {}, 4 * most_channels)
                             .value_or(4 * c.block_out_channels[0]);
  c.num_class_embeds = keys.positive_or_null("num_class_embeds", {}, most_class_labels);
  return c;
}

}  // namespace

UNetConfig parse_unet_config(const Json& config) {
  ConfigKeys keys(config, unet_class_name);
  const UNetConfig c = take_all(keys);
  keys.finish();
  check_levels(keys, c);
  return c;
}

std::vector<std::string> unet_keys() {
  const Json none = Json::object();
  ConfigKeys keys(none, unet_class_name);
  take_all(keys);
  return keys.known();
}

}  // namespace diffusion
