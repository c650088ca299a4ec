#include "lib/models/diffusers_transformer.hpp"

#include <string>
#include <utility>

#include "lib/base/error.hpp"
#include "lib/models/config_keys.hpp"
#include "lib/models/task_keys.hpp"
#include "lib/models/transformer_parts.hpp"
#include "lib/nn/blocks.hpp"

namespace diffusion {
namespace {

using nn::Graph;
using nn::Value;
namespace layers = nn::layers;

constexpr const char* class_name = "DiTTransformer2DModel";

/// Its keys, with the fallbacks of its constructor.
struct Config {
  PatchGrid grid;
  std::int64_t in_channels = 4, out_channels = 4;
  std::int64_t heads = 16, head_size = 72, layers = 28;
  std::optional<std::int64_t> classes = 1000;  // "no label" not counted
  float norm_eps = 1e-5f;                      // before the MLPs
  double dropout = 0;  // in training, of what attention adds and inside MLPs

  std::int64_t width() const { return heads * head_size; }
};

/// Keys of which this network has one value only, or which mean nothing to it.
void take_fixed(ConfigKeys& keys) {
  keys.one_of("attention_bias", {true});
  keys.one_of("activation_fn", {"gelu-approximate"});
  keys.one_of("norm_type", {"ada_norm_zero"});
  keys.one_of("norm_elementwise_affine", {false});
  keys.find("norm_num_groups");
  keys.find("upcast_attention");
}

Config take_all(ConfigKeys& keys) {
  Config c;
  c.grid = take_patch_grid(keys);
  c.in_channels = keys.positive("in_channels", c.in_channels);
  c.out_channels = keys.positive_or_null("out_channels", {}).value_or(c.in_channels);
  c.heads = keys.positive("num_attention_heads", c.heads);
  c.head_size = keys.positive("attention_head_dim", c.head_size);
  c.layers = keys.positive("num_layers", c.layers, most_transformer_blocks);
  c.classes = keys.positive_or_null("num_embeds_ada_norm", c.classes, most_class_labels);
  c.dropout = keys.dropout();
  c.norm_eps = float(keys.number("norm_eps", c.norm_eps));
  take_fixed(keys);
  return c;
}

/// Without what only the images can complete.
Config parse_blocks(const Json& config) {
  ConfigKeys keys(config, class_name);
  const Config c = take_all(keys);
  keys.finish();
  if (c.width() > ConfigKeys::usual_most || c.width() % 4 != 0)
    keys.refuse("attention_head_dim",
                "such that num_attention_heads times it is a multiple of 4 and at most " +
                    std::to_string(ConfigKeys::usual_most));
  return c;
}

Config parse(const Json& config) {
  const Config c = parse_blocks(config);
  c.grid.check(ConfigKeys(config, class_name));
  return c;
}

std::vector<std::string> keys_of() {
  const Json none = Json::object();
  ConfigKeys keys(none, class_name);
  take_all(keys);
  return keys.known();
}

/// Writes it down.
class Description {
 public:
  explicit Description(const Config& config)
      : c_(config),
        g_({.channels = c_.in_channels,
            .height = std::int64_t(c_.grid.sides.height),
            .width = std::int64_t(c_.grid.sides.width)}) {}

  Graph graph() {
    Value x = g_.add(layers::Conversion{layers::Conversion::To::working}, {g_.images()});
    const layers::Convolution patches{
        "pos_embed.proj",
        {.in = c_.in_channels, .out = width(), .kernel = c_.grid.patch, .stride = c_.grid.patch}};
    x = g_.add(layers::Positions{c_.grid.rows(), c_.grid.columns(), width()},
               {g_.add(patches, {x})});
    const Value time = g_.add(layers::Sinusoids{sinusoids});
    for (std::int64_t i = 0; i < c_.layers; ++i)
      x = block(x, "transformer_blocks." + std::to_string(i), time);
    g_.add(layers::Conversion{layers::Conversion::To::float32}, {last(x)});
    return std::move(g_);
  }

 private:
  static constexpr nn::SinusoidShape sinusoids{.channels = 256, .frequency_shift = 1};
  static constexpr float eps = 1e-6f;

  std::int64_t width() const { return c_.width(); }

  /// What a block is told.
  Value condition(const std::string& name, Value time) {
    const std::string embedder = name + ".timestep_embedder.linear_";
    nn::Condition condition{.time = sinusoids,
                            .first = {embedder + "1", sinusoids.channels, width()},
                            .second = {embedder + "2", width(), width()}};
    if (c_.classes)
      condition.label = {name + ".class_embedder.embedding_table", *c_.classes + 1, width()};
    return condition.add_to(g_, time);
  }

  Value block(Value x, const std::string& name, Value time) {
    const std::string attention = name + ".attn1", mlp = name + ".ff.net";
    const Value told = condition(name + ".norm1.emb", time);
    if (!first_told_) first_told_ = told;
    const nn::AdaptiveBlock block{
        .norm1 = {"", width(), eps},
        .qkv = {{attention + ".to_q", attention + ".to_k", attention + ".to_v"}, width(), width()},
        .attention = {c_.heads},
        .out = {{attention + ".to_out.0"}, width(), width()},
        .norm2 = {"", width(), c_.norm_eps},
        .widened = {{mlp + ".0.proj"}, width(), 4 * width()},
        .activation = layers::Gelu{},
        .narrowed = {{mlp + ".2"}, 4 * width(), width()},
        .dropout = {name, c_.dropout}};
    block.declare(g_);
    const layers::Linear modulation{name + ".norm1.linear", width(), 6 * width()};
    return block.add_to(g_, x, {g_.add(modulation, {told}), width()});
  }

  /// Modulated by what the first block is told.
  Value last(Value x) {
    const std::int64_t patch = c_.grid.patch;
    const layers::Linear modulation{"proj_out_1", width(), 2 * width()};
    const layers::PixelLinear out{{"proj_out_2"}, width(), patch * patch * c_.out_channels};
    g_.declare(out);
    const nn::BlockModulation told{g_.add(modulation, {*first_told_}), width()};
    x = g_.add(out, {told.normalised(g_, x, 0, {"", width(), eps})});
    return g_.add(layers::Unpatching{patch, patch}, {x});
  }

  const Config& c_;
  Graph g_;
  std::optional<Value> first_told_;
};

NetworkImages images_of(const Json& config) {
  const Config c = parse(config);
  return {.sides = c.grid.sides,
          .channels = std::size_t(c.in_channels),
          .labels = c.classes ? std::size_t(*c.classes + 1) : 0,
          .last_is_no_label = true};
}

Json fit(Json model, const NetworkTask& task) {
  constexpr const char* classes = "num_embeds_ada_norm";
  parse_blocks(model).grid.check_images(task.sides);
  fit_images(model, task);
  if (task.classes == 0 && !model.contains(classes)) model[classes] = nullptr;
  if (task.classes > 0 || !model[classes].is_null())
    fit_classes(model, classes, task.classes, task.classes);
  return model;
}

std::string beyond_diffusers(const Json& config) {
  const Config c = parse(config);
  if (!c.classes) return "a time without a class beside it";
  if (c.grid.sides.height != c.grid.sides.width) return "images that are not square";
  return "";
}

InitialLaw law(const nn::Param& param, std::size_t inputs) {
  const auto has = [&](std::string_view part) { return param.name.find(part) != param.name.npos; };
  return adaptive_law(param, inputs,
                      {.silent = has("norm1.linear") || has("proj_out_"), .embeds = has(".emb.")});
}

}  // namespace

NetworkInfo diffusers_dit_network() {
  static constexpr std::string_view image_keys[] = {"sample_size"}, training_keys[] = {"dropout"};
  return {
      .name = class_name,
      .summary = "the DiT of diffusers: each block embeds time and class for itself",
      .reference = "Peebles and Xie 2023",
      .part = "transformer",
      .defaults =
          R"({"patch_size": 4, "num_attention_heads": 6, "attention_head_dim": 32, "num_layers": 6})",
      .keys = keys_of,
      .images = images_of,
      .check = [](const Json& config) { parse_blocks(config); },
      .fit = fit,
      .graph = [](const Json& config) { return Description(parse(config)).graph(); },
      .image_keys = image_keys,
      .training_keys = training_keys,
      .initial = law,
      .beyond_diffusers = beyond_diffusers};
}

}  // namespace diffusion
