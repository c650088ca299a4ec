// The names and shapes of OpenAI's code: https://github.com/openai/improved-diffusion and
// https://github.com/openai/guided-diffusion (unet.py). A UNet2DModel computes the same, under
// other names, with queries, keys and values apart.
#include <algorithm>
#include <array>
#include <iterator>

#include "lib/models/published.hpp"
#include "lib/models/published_size.hpp"
#include "lib/models/task_keys.hpp"
#include "lib/models/weight_views.hpp"

namespace diffusion {
namespace {

/// What a file does not say.
struct Asked {
  ImageSides sides;
  std::int64_t heads = 0, head_channels = 0;  // one of them, if any layer attends
  bool parts_outermost = false;  // rows of qkv: [q, k, v] x heads; else heads x [q, k, v]
};

Asked asked_of_unet(Params& params) {
  const auto sides = take_sides(params);
  Asked asked{.sides = {},
              .heads = params.integer("heads", 0),
              .head_channels = params.integer("head_channels", 0),
              .parts_outermost = params.choice("qkv", {"legacy", "new"}) == "new"};
  if (!sides) params.refuse("size", "must be said, the side of the images: no file does");
  asked.sides = *sides;
  if (asked.heads < 0) params.refuse("heads", "must be a number of heads");
  if (asked.head_channels < 0) params.refuse("head_channels", "must be a number of channels");
  if (asked.heads > 0 && asked.head_channels > 0)
    params.refuse("heads", "goes without head_channels: one follows from the other");
  return asked;
}

/// A level has `layers` residual blocks on the way down and one more on the way up.
struct Levels {
  std::size_t count, layers;
};

std::string numbered(const char* part, std::size_t i) { return part + std::to_string(i); }

/// Reads the network, taking array by array.
class Reader {
 public:
  Reader(StateDict weights, const Asked& asked)
      : weights_(std::move(weights)), asked_(asked), levels_(find_levels()) {}

  ConvertedNetwork read() && {
    Json config = config_of();
    move_layer("time_embed.0", "time_embedding.linear_1");
    move_layer("time_embed.2", "time_embedding.linear_2");
    if (has_classes()) move("label_emb.weight", "class_embedding.weight");
    move_layer("input_blocks.0.0", "conv_in");
    for (std::size_t level = 0; level < levels_.count; ++level) down(level);
    middle();
    for (std::size_t i = 0; i < levels_.count; ++i) up(i);
    move_layer("out.0", "conv_norm_out");
    move_layer("out.2", "conv_out");
    std::vector<WeightTensor> left = std::move(weights_).rest();
    std::ranges::move(left, std::back_inserter(moved_));  // of no use, which whoever fills says
    return {std::move(config), std::move(moved_)};
  }

 private:
  /// Ways up end where a level's last block has a part that doubles the sides.
  Levels find_levels() const {
    const std::size_t blocks = weights_.count("output_blocks.");
    std::size_t each = blocks;
    for (std::size_t i = blocks; i-- > 0;)
      if (!doubler(numbered("output_blocks.", i)).empty()) each = i + 1;
    if (each < 2 || blocks % each != 0 || weights_.count("input_blocks.") != blocks)
      weights_.refuse("its blocks are not those of a U-Net of OpenAI's (" +
                      std::to_string(weights_.count("input_blocks.")) + " on the way down, " +
                      std::to_string(blocks) + " up)");
    return {blocks / each, each - 1};
  }

  bool is_residual(const std::string& block) const {
    return weights_.has(block + ".in_layers.0.weight");
  }
  bool attends(const std::string& block) const { return weights_.has(block + ".1.qkv.weight"); }
  bool has_classes() const { return weights_.has("label_emb.weight"); }

  /// What doubles the sides at the end of a block, or "".
  std::string doubler(const std::string& block) const {
    for (const char* const part : {".1", ".2"})
      if (weights_.has(block + part + ".conv.weight") || is_residual(block + part))
        return block + part;
    return "";
  }
  std::size_t each() const { return levels_.layers + 1; }
  std::string input(std::size_t level, std::size_t layer) const {
    return numbered("input_blocks.", 1 + level * each() + layer);
  }
  std::string output(std::size_t i, std::size_t layer) const {
    return numbered("output_blocks.", i * each() + layer);
  }
  std::size_t channels_of(std::size_t level) const {
    return weights_.shape(input(level, 0) + ".0.out_layers.3.weight", 4)[0];
  }

  bool resamples_in_residual() const {
    return levels_.count > 1 && is_residual(doubler(output(0, levels_.layers)));
  }

  bool attends_anywhere() const {
    bool any = attends_in_middle();
    for (std::size_t level = 0; level < levels_.count; ++level)
      any = any || attends(input(level, 0));
    return any;
  }
  bool attends_in_middle() const { return weights_.has("middle_block.1.qkv.weight"); }

  Json config_of() const {
    const bool in_residual = resamples_in_residual();
    Json channels = Json::array(), down = Json::array(), up = Json::array();
    for (std::size_t level = 0; level < levels_.count; ++level) {
      channels.push_back(channels_of(level));
      const char* const plain = in_residual ? "ResnetDownsampleBlock2D" : "DownBlock2D";
      down.push_back(attends(input(level, 0)) ? "AttnDownBlock2D" : plain);
    }
    for (std::size_t i = 0; i < levels_.count; ++i) {
      const char* const plain = in_residual ? "ResnetUpsampleBlock2D" : "UpBlock2D";
      up.push_back(attends(output(i, 0)) ? "AttnUpBlock2D" : plain);
    }
    const auto& time = weights_.shape("time_embed.0.weight", 2);
    if (time[1] != channels_of(0))
      weights_.refuse("tells the time by " + std::to_string(time[1]) +
                      " sinusoids where its first "
                      "level has " +
                      std::to_string(channels_of(0)) + " channels; here the two are one");
    const auto& modulation = weights_.shape(input(0, 0) + ".0.emb_layers.1.weight", 2);
    Json config = {{"_class_name", "UNet2DModel"},
                   {"sample_size", sides_to_json(asked_.sides)},
                   {"in_channels", weights_.shape("input_blocks.0.0.weight", 4)[1]},
                   {"out_channels", weights_.shape("out.2.weight", 4)[0]},
                   {"block_out_channels", channels},
                   {"down_block_types", down},
                   {"up_block_types", up},
                   {"layers_per_block", levels_.layers},
                   {"add_attention", attends_in_middle()},
                   {"attn_norm_num_groups", groups},
                   {"norm_num_groups", groups},
                   {"time_embedding_dim", time[0]},
                   {"resnet_time_scale_shift",
                    modulation[0] == 2 * channels_of(0) ? "scale_shift" : "default"}};
    if (has_classes()) config["num_class_embeds"] = weights_.shape("label_emb.weight", 2)[0];
    if (attends_anywhere()) add_attention(config, in_residual);
    return config;
  }

  void add_attention(Json& config, bool in_residual) const {
    if (asked_.heads == 0 && asked_.head_channels == 0)
      weights_.refuse(
          "attends, and does not say by how many heads: `as` adm:head_channels=N or "
          "adm:heads=N does");
    if (asked_.heads > 0)
      config["num_attention_heads"] = asked_.heads;
    else
      config["attention_head_dim"] = asked_.head_channels;
    if (in_residual) config.update({{"downsample_type", "resnet"}, {"upsample_type", "resnet"}});
  }

  void move(const std::string& from, std::string to) {
    moved_.push_back(renamed(weights_.take(from), std::move(to)));
  }
  void move_layer(const std::string& from, const std::string& to) {
    move(from + ".weight", to + ".weight");
    move(from + ".bias", to + ".bias");
  }

  void residual(const std::string& from, const std::string& to) {
    constexpr std::array<std::array<const char*, 2>, 5> layers = {
        {{".in_layers.0", ".norm1"},
         {".in_layers.2", ".conv1"},
         {".emb_layers.1", ".time_emb_proj"},
         {".out_layers.0", ".norm2"},
         {".out_layers.3", ".conv2"}}};
    for (const auto& [theirs, ours] : layers) move_layer(from + theirs, to + ours);
    if (weights_.has(from + ".skip_connection.weight"))
      move_layer(from + ".skip_connection", to + ".conv_shortcut");
  }

  /// Rows of a third of qkv.
  std::vector<std::size_t> rows_of_part(std::size_t part, std::size_t channels) const {
    const std::size_t size =
        asked_.heads > 0 ? channels / std::size_t(asked_.heads) : std::size_t(asked_.head_channels);
    if (size == 0 || channels % size != 0)
      weights_.refuse("heads do not divide the " + std::to_string(channels) +
                      " channels of a layer that attends");
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < channels; ++i)
      rows.push_back(asked_.parts_outermost ? part * channels + i
                                            : (i / size * 3 + part) * size + i % size);
    return rows;
  }

  /// Their maps of pixels are convolutions of 1 or 1 x 1.
  WeightTensor take_map(const std::string& name) {
    WeightTensor weight = weights_.take(name);
    if (weight.shape.size() < 2) weights_.refuse("the array '" + name + "' has one axis");
    const std::vector<std::size_t> shape{
        weight.shape[0], weight.count() / std::max(weight.shape[0], std::size_t(1))};
    return reshaped(std::move(weight), shape);
  }

  void attention(const std::string& from, const std::string& to) {
    move_layer(from + ".norm", to + ".group_norm");
    const WeightTensor weight = take_map(from + ".qkv.weight"),
                       bias = weights_.take(from + ".qkv.bias");
    const std::size_t channels = weight.shape[1];
    if (weight.shape[0] != 3 * channels || bias.shape != std::vector{3 * channels})
      weights_.refuse("the array '" + from + ".qkv.weight' is not three maps side by side");
    constexpr std::array parts = {".to_q", ".to_k", ".to_v"};
    for (std::size_t part = 0; part < parts.size(); ++part) {
      const auto rows = rows_of_part(part, channels);
      moved_.push_back(renamed(rows_of(weight, rows), to + parts[part] + ".weight"));
      moved_.push_back(renamed(rows_of(bias, rows), to + parts[part] + ".bias"));
    }
    moved_.push_back(renamed(take_map(from + ".proj_out.weight"), to + ".to_out.0.weight"));
    move(from + ".proj_out.bias", to + ".to_out.0.bias");
  }

  /// A residual block, and attention where the level has it.
  void layer(const std::string& from, const std::string& to, std::size_t i) {
    residual(from + ".0", to + ".resnets." + std::to_string(i));
    if (attends(from)) attention(from + ".1", to + ".attentions." + std::to_string(i));
  }

  void down(std::size_t level) {
    const std::string to = numbered("down_blocks.", level);
    for (std::size_t i = 0; i < levels_.layers; ++i) layer(input(level, i), to, i);
    if (level + 1 == levels_.count) return;
    const std::string from = input(level, levels_.layers) + ".0";
    if (is_residual(from))
      residual(from, to + ".downsamplers.0");
    else
      move_layer(from + ".op", to + ".downsamplers.0.conv");
  }

  void middle() {
    residual("middle_block.0", "mid_block.resnets.0");
    const bool with_attention = attends_in_middle();
    if (with_attention) attention("middle_block.1", "mid_block.attentions.0");
    residual(with_attention ? "middle_block.2" : "middle_block.1", "mid_block.resnets.1");
  }

  void up(std::size_t i) {
    const std::string to = numbered("up_blocks.", i);
    for (std::size_t k = 0; k <= levels_.layers; ++k) layer(output(i, k), to, k);
    if (i + 1 == levels_.count) return;
    const std::string from = doubler(output(i, levels_.layers));
    if (is_residual(from))
      residual(from, to + ".upsamplers.0");
    else
      move_layer(from + ".conv", to + ".upsamplers.0.conv");
  }

  static constexpr int groups = 32;

  StateDict weights_;
  Asked asked_;
  Levels levels_;
  std::vector<WeightTensor> moved_;
};

}  // namespace

std::function<ConvertedNetwork(StateDict)> adm_form(Params& params) {
  return [asked = asked_of_unet(params)](StateDict weights) {
    return Reader(std::move(weights), asked).read();
  };
}

}  // namespace diffusion
