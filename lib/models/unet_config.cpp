#include "lib/models/unet_config.hpp"

#include <algorithm>
#include <utility>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/models/config_keys.hpp"
#include "lib/models/task_keys.hpp"

namespace diffusion {
namespace {

using Resampling = UNetLevel::Resampling;

constexpr std::int64_t most_times = 1 << 20;
constexpr std::int64_t labels_unless_said = 1000;  // diffusers takes any

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

nn::Activation take_activation(ConfigKeys& keys) {
  using enum nn::Activation;
  constexpr nn::Activation kinds[] = {silu, silu, mish, gelu, relu};
  return kinds[keys.one_of("act_fn", {"silu", "swish", "mish", "gelu", "relu"})];
}

void take_time(ConfigKeys& keys, UNetConfig& c) {
  c.time = TimeEmbedding(keys.one_of("time_embedding_type", {"positional", "fourier", "learned"}));
  const auto times = keys.positive_or_null("num_train_timesteps", {}, most_times);
  if (c.time == TimeEmbedding::learned && !times)
    keys.refuse("num_train_timesteps",
                "a whole number, of the times that time_embedding_type learned has vectors of");
  c.learned_times = times.value_or(0);
}

void take_labels(ConfigKeys& keys, UNetConfig& c) {
  const auto type = keys.find("class_embed_type");
  c.num_class_embeds = keys.positive_or_null("num_class_embeds", {}, most_class_labels);
  if (!type || type->json().is_null()) return;
  if (type->json() == "identity")
    type->refuse("null or \"timestep\" here, where labels are numbers and not vectors");
  if (type->json() != "timestep") type->refuse("null or \"timestep\" here");
  if (c.time == TimeEmbedding::fourier)
    type->refuse("null where time_embedding_type is \"fourier\": label 0 has no logarithm");
  c.label = LabelEmbedding::as_time;
  if (!c.num_class_embeds) c.num_class_embeds = labels_unless_said;
  if (c.time == TimeEmbedding::learned && *c.num_class_embeds > c.learned_times)
    keys.refuse("num_class_embeds", "at most num_train_timesteps, whose vectors tell the labels");
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
    if (c.norm_num_groups) divides(*c.norm_num_groups, "norm_num_groups");
    if (c.attention_head_dim) divides(*c.attention_head_dim, "attention_head_dim");
    if (c.num_attention_heads) divides(*c.num_attention_heads, "num_attention_heads");
  }
  if (c.mid_attention_groups && c.block_out_channels.back() % *c.mid_attention_groups != 0)
    keys.refuse("attn_norm_num_groups", "a divisor of the last of block_out_channels");
}

/// Skip blocks pass small images on, which have three channels, from the first level to each that
/// halves and from each that doubles to the last.
void check_skips(const ConfigKeys& keys, const UNetConfig& c) {
  const auto skips = [](const UNetLevel& level) { return level.skips(); };
  const auto all = [&](const auto& levels) { return std::ranges::all_of(levels, skips); };
  const auto any = [&](const auto& levels) { return std::ranges::any_of(levels, skips); };
  if (!c.norm_num_groups && !(all(c.down) && all(c.up)))
    keys.refuse("norm_num_groups", "a whole number where blocks are not all skip blocks");
  const auto mixed = [&](const std::string& way) {
    keys.refuse(way + "_block_types", "skip blocks alone, or none of them");
  };
  if (any(c.down) && !all(c.down)) mixed("down");
  if (any(c.up) && !all(c.up)) mixed("up");
  if (any(c.down) && c.in_channels != 3) keys.refuse("in_channels", "3 for skip blocks");
  if (any(c.up) && c.out_channels != 3) keys.refuse("out_channels", "3 for skip blocks");
}

/// Of a block that diffusers calls so; the first releases put UNetRes before it.
UNetLevel level_named(const JsonAt& entry, const std::string& way) {
  const std::string name = way == "down" ? "Down" : "Up", block = name + "Block2D";
  const std::pair<std::string, UNetLevel> kinds[] = {
      {block, {}},
      {"Attn" + block, {.attends = true}},
      {"Resnet" + name + "sampleBlock2D", {.resampling = Resampling::residual}},
      {"Skip" + block, {.resampling = Resampling::skip}},
      {"AttnSkip" + block, {.attends = true, .resampling = Resampling::skip}}};
  const std::string given = entry.text(), early = "UNetRes";
  std::vector<std::string> names;
  for (const auto& kind : kinds) {
    if (given == kind.first || given == early + kind.first) return kind.second;
    names.push_back(kind.first);
  }
  entry.refuse(join(names, " or ") + " here");
}

/// "down" or "up". Where a level attends, `WAYsample_type` says how it halves or doubles.
std::vector<UNetLevel> take_levels(ConfigKeys& keys, const std::string& way,
                                   const std::vector<UNetLevel>& fallback) {
  const auto found = keys.find(way + "_block_types");
  const std::string type = way + "sample_type";
  const bool in_residual = keys.one_of(type, {"conv", "resnet", nullptr}) == 1;
  std::vector<UNetLevel> levels = fallback;
  if (found) {
    levels.clear();
    for (const JsonAt& entry : found->array()) levels.push_back(level_named(entry, way));
  }
  bool any = false;  // residual block that halves or doubles
  for (UNetLevel& level : levels) {
    if (in_residual && level.attends && level.resampling == Resampling::convolution)
      level.resampling = Resampling::residual;
    any = any || level.resampling == Resampling::residual;
  }
  if (in_residual && !any)
    keys.refuse(type, "conv or null where none of " + way +
                          "_block_types has attention: it is about these alone");
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
  c.norm_num_groups = keys.positive_or_null("norm_num_groups", 32);
  c.mid_attention_groups = keys.positive_or_null("attn_norm_num_groups", {});
  c.norm_eps = float(keys.number("norm_eps", 1e-5));
  c.time_scales = keys.one_of("resnet_time_scale_shift", {"default", "scale_shift"}) == 1;
  // As in diffusers, where what modulates norms takes the middle's own away.
  if (!c.mid_attention_groups && !c.time_scales)
    c.mid_attention_groups = c.groups(c.block_out_channels.back());
}

/// Takes every key that there is.
UNetConfig take_all(ConfigKeys& keys) {
  UNetConfig c;
  c.sample_size = take_sample_size(keys);
  c.in_channels = keys.positive("in_channels", 3);
  c.out_channels = keys.positive("out_channels", 3);
  c.center_input_sample = keys.flag("center_input_sample", false);
  c.block_out_channels = take_channels(keys);
  const UNetLevel plain, attends{.attends = true};
  c.down = take_levels(keys, "down", {plain, attends, attends, attends});
  c.up = take_levels(keys, "up", {attends, attends, attends, plain});
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
  c.activation = take_activation(keys);
  take_time(keys, c);
  take_labels(keys, c);
  return c;
}

}  // namespace

std::int64_t usual_groups(std::int64_t channels) {
  return std::clamp<std::int64_t>(channels / 4, 1, 32);
}

UNetConfig parse_unet_config(const Json& config) {
  ConfigKeys keys(config, unet_class_name);
  const UNetConfig c = take_all(keys);
  keys.finish();
  check_levels(keys, c);
  check_skips(keys, c);
  return c;
}

std::vector<std::string> unet_keys() {
  const Json none = Json::object();
  ConfigKeys keys(none, unet_class_name);
  take_all(keys);
  return keys.known();
}

}  // namespace diffusion
