#include "lib/models/unet_config.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

/// Takes keys one by one, remembering which, so that the rest can be refused.
class Keys {
 public:
  explicit Keys(const Json& config) : config_(config) {
    if (!config.is_object()) throw Error("model config: must be a JSON object");
  }

  /// Nothing where the key is missing; null is a value of its own.
  const Json* find(const std::string& key) {
    known_.push_back(key);
    const auto at = config_.find(key);
    return at == config_.end() ? nullptr : &*at;
  }

  [[noreturn]] void refuse(const std::string& key, const std::string& why) const {
    throw Error("model config: " + key + " " + why + ", got " + config_.at(key).dump());
  }

  std::int64_t positive(const std::string& key, std::int64_t fallback) {
    const Json* const value = find(key);
    if (!value) return fallback;
    if (!value->is_number_integer() || value->get<std::int64_t>() < 1)
      refuse(key, "must be a positive integer");
    return value->get<std::int64_t>();
  }

  std::optional<std::int64_t> positive_or_null(const std::string& key,
                                               std::optional<std::int64_t> fallback) {
    const Json* const value = find(key);
    if (!value) return fallback;
    if (value->is_null()) return std::nullopt;
    known_.pop_back();
    return positive(key, 1);
  }

  double number(const std::string& key, double fallback) {
    const Json* const value = find(key);
    if (!value) return fallback;
    if (!value->is_number()) refuse(key, "must be a number");
    return value->get<double>();
  }

  bool flag(const std::string& key, bool fallback) {
    const Json* const value = find(key);
    if (!value) return fallback;
    if (!value->is_boolean()) refuse(key, "must be true or false");
    return value->get<bool>();
  }

  /// The values that this network has, the first of them standing for a missing key.
  std::size_t one_of(const std::string& key, const std::vector<Json>& supported) {
    const Json* const value = find(key);
    if (!value) return 0;
    const auto at = std::ranges::find(supported, *value);
    if (at != supported.end()) return std::size_t(at - supported.begin());
    std::vector<std::string> names;
    for (const Json& each : supported) names.push_back(each.dump());
    refuse(key, "can be " + join(names, " or ") + " here");
  }

  /// An array of `names`, as indices into them.
  std::vector<bool> blocks(const std::string& key, const std::vector<std::string>& names,
                           std::vector<bool> fallback) {
    const Json* const value = find(key);
    if (!value) return fallback;
    std::vector<bool> indices;
    const auto index_of = [&](const Json& entry) {
      const auto at =
          entry.is_string() ? std::ranges::find(names, entry.get<std::string>()) : names.end();
      if (at == names.end()) refuse(key, "can hold " + join(names, " and ") + " here");
      return at != names.begin();
    };
    if (!value->is_array()) refuse(key, "must be an array of block names");
    for (const Json& entry : *value) indices.push_back(index_of(entry));
    return indices;
  }

  void finish() const {
    for (const auto& [key, value] : config_.items()) {
      if (key.starts_with("_") || std::ranges::find(known_, key) != known_.end()) continue;
      const auto meant = nearest(key, known_);
      throw Error("model config: no key '" + key + "' in UNet2DModel" +
                  (meant ? " (did you mean '" + *meant + "'?)" : ""));
    }
  }

 private:
  const Json& config_;
  std::vector<std::string> known_;
};

std::vector<std::int64_t> take_channels(Keys& keys) {
  const Json* const value = keys.find("block_out_channels");
  if (!value) return {224, 448, 672, 896};
  if (!value->is_array() || value->empty() || value->size() > 16)
    keys.refuse("block_out_channels", "must be an array of one integer a level");
  std::vector<std::int64_t> channels;
  for (const Json& entry : *value) {
    if (!entry.is_number_integer() || entry.get<std::int64_t>() < 1)
      keys.refuse("block_out_channels", "must hold positive integers");
    channels.push_back(entry.get<std::int64_t>());
  }
  return channels;
}

void take_sample_size(Keys& keys) {
  const Json* const value = keys.find("sample_size");  // says what was trained on, binds nothing
  if (!value || value->is_null() || value->is_number_integer()) return;
  if (value->is_array() && value->size() == 2 && (*value)[0].is_number_integer() &&
      (*value)[1].is_number_integer())
    return;
  keys.refuse("sample_size", "must be null, an integer or [height, width]");
}

/// Keys of which this network has one value only.
void take_fixed(Keys& keys) {
  keys.one_of("time_embedding_type", {"positional"});
  keys.one_of("downsample_type", {"conv"});
  keys.one_of("upsample_type", {"conv"});
  keys.one_of("act_fn", {"silu", "swish"});
  keys.one_of("resnet_time_scale_shift", {"default"});
  keys.one_of("class_embed_type", {nullptr});
  keys.find("num_train_timesteps");  // belongs to learned time embeddings
}

nn::SinusoidShape take_sinusoids(Keys& keys, std::int64_t channels) {
  nn::SinusoidShape shape{.channels = channels};
  if (!keys.flag("flip_sin_to_cos", true)) shape.order = nn::SinusoidOrder::sin_cos;
  shape.frequency_shift = keys.number("freq_shift", 0);
  if (channels < 2)
    keys.refuse("block_out_channels", "must begin with at least 2 channels, for the time");
  if (double(channels / 2) <= shape.frequency_shift)
    keys.refuse("freq_shift", "must be below half of block_out_channels[0]");
  return shape;
}

void check_levels(const Keys& keys, const UNetConfig& c) {
  const auto check = [&](const std::vector<bool>& blocks, const std::string& key) {
    if (blocks.size() != c.block_out_channels.size())
      throw Error("model config: " + key + " has " + std::to_string(blocks.size()) +
                  " entries where block_out_channels has " + std::to_string(c.levels()));
  };
  check(c.down_attention, "down_block_types");
  check(c.up_attention, "up_block_types");
  for (const std::int64_t channels : c.block_out_channels) {
    const auto divides = [&](std::int64_t part, const std::string& key) {
      if (channels % part != 0)
        throw Error("model config: " + key + " = " + std::to_string(part) +
                    " does not divide block_out_channels' " + std::to_string(channels));
    };
    divides(c.norm_num_groups, "norm_num_groups");
    if (c.attention_head_dim) divides(*c.attention_head_dim, "attention_head_dim");
  }
  if (c.block_out_channels.back() % c.attn_norm_num_groups != 0)
    keys.refuse("attn_norm_num_groups", "must divide the last of block_out_channels");
}

}  // namespace

UNetConfig parse_unet_config(const Json& config) {
  Keys keys(config);
  UNetConfig c;
  take_sample_size(keys);
  take_fixed(keys);
  c.in_channels = keys.positive("in_channels", 3);
  c.out_channels = keys.positive("out_channels", 3);
  c.center_input_sample = keys.flag("center_input_sample", false);
  c.block_out_channels = take_channels(keys);
  c.down_attention = keys.blocks("down_block_types", {"DownBlock2D", "AttnDownBlock2D"},
                                 {false, true, true, true});
  c.up_attention =
      keys.blocks("up_block_types", {"UpBlock2D", "AttnUpBlock2D"}, {true, true, true, false});
  c.layers_per_block = keys.positive("layers_per_block", 2);
  c.mid_block = keys.one_of("mid_block_type", {"UNetMidBlock2D", nullptr}) == 0;
  c.mid_attention = keys.flag("add_attention", true);
  c.mid_block_scale_factor = float(keys.number("mid_block_scale_factor", 1));
  if (c.mid_block_scale_factor == 0) keys.refuse("mid_block_scale_factor", "must not be 0");
  c.downsample_padding = std::int64_t(1 - keys.one_of("downsample_padding", {1, 0}));
  c.attention_head_dim = keys.positive_or_null("attention_head_dim", 8);
  c.norm_num_groups = keys.positive("norm_num_groups", 32);
  c.attn_norm_num_groups =
      keys.positive_or_null("attn_norm_num_groups", {}).value_or(c.norm_num_groups);
  c.norm_eps = float(keys.number("norm_eps", 1e-5));
  c.dropout = keys.number("dropout", 0);
  if (!(c.dropout >= 0 && c.dropout < 1)) keys.refuse("dropout", "must be in [0, 1)");
  c.sinusoids = take_sinusoids(keys, c.block_out_channels[0]);
  c.time_embedding_dim =
      keys.positive_or_null("time_embedding_dim", {}).value_or(4 * c.block_out_channels[0]);
  c.num_class_embeds = keys.positive_or_null("num_class_embeds", {});
  keys.finish();
  check_levels(keys, c);
  return c;
}

}  // namespace diffusion
