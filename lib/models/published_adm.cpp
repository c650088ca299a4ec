// The names and shapes of OpenAI's code: https://github.com/openai/improved-diffusion and
// https://github.com/openai/guided-diffusion (unet.py). A UNet2DModel computes the same, under
// other names, with queries, keys and values apart.
#include <algorithm>
#include <array>
#include <iterator>

#include "lib/models/adm_layout.hpp"
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

const std::string classes = "label_emb.weight";

/// What the keys of UNet2DModel say of it.
Json config_of(const StateDict& weights, const AdmLayout& layout, const Asked& asked) {
  constexpr int groups = 32;
  const auto blocks = [&](const std::vector<bool>& attend, const std::string& way) {
    const std::string plain =
        layout.resamples_in_residual ? "Resnet" + way + "sampleBlock2D" : way + "Block2D";
    Json all = Json::array();
    for (const bool attends : attend) all.push_back(attends ? "Attn" + way + "Block2D" : plain);
    return all;
  };
  const auto& time = weights.shape("time_embed.0.weight", 2);
  const std::size_t first = layout.channels.front();
  if (time[1] != first)
    weights.refuse("tells the time by " + std::to_string(time[1]) +
                   " sinusoids where its first level has " + std::to_string(first) +
                   " channels; here the two are one");
  const auto& modulation = weights.shape(layout.input(0, 0) + ".0.emb_layers.1.weight", 2);
  Json config = {
      {"_class_name", "UNet2DModel"},
      {"sample_size", sides_to_json(asked.sides)},
      {"in_channels", weights.shape("input_blocks.0.0.weight", 4)[1]},
      {"out_channels", weights.shape("out.2.weight", 4)[0]},
      {"block_out_channels", layout.channels},
      {"down_block_types", blocks(layout.attends_down, "Down")},
      {"up_block_types", blocks(layout.attends_up, "Up")},
      {"layers_per_block", layout.layers},
      {"add_attention", layout.attends_in_middle},
      {"attn_norm_num_groups", groups},
      {"norm_num_groups", groups},
      {"time_embedding_dim", time[0]},
      {"resnet_time_scale_shift", modulation[0] == 2 * first ? "scale_shift" : "default"}};
  if (weights.has(classes)) config["num_class_embeds"] = weights.shape(classes, 2)[0];
  return config;
}

void add_heads(Json& config, const StateDict& weights, const Asked& asked) {
  if (asked.heads == 0 && asked.head_channels == 0)
    weights.refuse(
        "attends, and does not say by how many heads: `as` adm:head_channels=N or "
        "adm:heads=N does");
  if (asked.heads > 0)
    config["num_attention_heads"] = asked.heads;
  else
    config["attention_head_dim"] = asked.head_channels;
}

/// Gives the weights the names that they have here, one by one.
class Renaming {
 public:
  Renaming(StateDict weights, const AdmLayout& layout, const Asked& asked)
      : weights_(std::move(weights)), layout_(layout), asked_(asked) {}

  std::vector<WeightTensor> renamed_weights() && {
    move_layer("time_embed.0", "time_embedding.linear_1");
    move_layer("time_embed.2", "time_embedding.linear_2");
    if (weights_.has(classes)) move(classes, "class_embedding.weight");
    move_layer("input_blocks.0.0", "conv_in");
    for (std::size_t level = 0; level < layout_.levels(); ++level) down(level);
    middle();
    for (std::size_t i = 0; i < layout_.levels(); ++i) up(i);
    move_layer("out.0", "conv_norm_out");
    move_layer("out.2", "conv_out");
    std::vector<WeightTensor> left = std::move(weights_).rest();
    std::ranges::move(left, std::back_inserter(moved_));  // of no use, as whoever fills says
    return std::move(moved_);
  }

 private:
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
  void layer(const std::string& from, const std::string& to, std::size_t i, bool attends) {
    residual(from + ".0", to + ".resnets." + std::to_string(i));
    if (attends) attention(from + ".1", to + ".attentions." + std::to_string(i));
  }

  void down(std::size_t level) {
    const std::string to = "down_blocks." + std::to_string(level);
    for (std::size_t i = 0; i < layout_.layers; ++i)
      layer(layout_.input(level, i), to, i, layout_.attends_down[level]);
    if (level + 1 < layout_.levels())
      resampler(layout_.input(level, layout_.layers) + ".0", ".op", to + ".downsamplers.0");
  }

  void middle() {
    residual("middle_block.0", "mid_block.resnets.0");
    if (layout_.attends_in_middle) attention("middle_block.1", "mid_block.attentions.0");
    residual(layout_.attends_in_middle ? "middle_block.2" : "middle_block.1",
             "mid_block.resnets.1");
  }

  void up(std::size_t i) {
    const std::string to = "up_blocks." + std::to_string(i);
    for (std::size_t k = 0; k <= layout_.layers; ++k)
      layer(layout_.output(i, k), to, k, layout_.attends_up[i]);
    if (i + 1 < layout_.levels()) resampler(layout_.doubler(i), ".conv", to + ".upsamplers.0");
  }

  void resampler(const std::string& from, const char* convolution, const std::string& to) {
    if (layout_.resamples_in_residual)
      residual(from, to);
    else
      move_layer(from + convolution, to + ".conv");
  }

  StateDict weights_;
  const AdmLayout& layout_;
  const Asked& asked_;
  std::vector<WeightTensor> moved_;
};

ConvertedNetwork read_adm(StateDict weights, const Asked& asked) {
  const AdmLayout layout = adm_layout(weights);
  Json config = config_of(weights, layout, asked);
  if (layout.attends_anywhere()) {
    add_heads(config, weights, asked);
    if (layout.resamples_in_residual)
      config.update({{"downsample_type", "resnet"}, {"upsample_type", "resnet"}});
  }
  return {std::move(config), Renaming(std::move(weights), layout, asked).renamed_weights()};
}

}  // namespace

std::function<ConvertedNetwork(StateDict)> adm_form(Params& params) {
  return [asked = asked_of_unet(params)](StateDict weights) {
    return read_adm(std::move(weights), asked);
  };
}

}  // namespace diffusion
