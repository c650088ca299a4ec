#include "lib/models/transformer.hpp"

#include <string>
#include <utility>

#include "lib/models/transformer_config.hpp"
#include "lib/nn/blocks.hpp"

namespace diffusion {
namespace {

using nn::Graph;
using nn::Value;
namespace layers = nn::layers;

constexpr std::int64_t sinusoids = 256;  // that tell the time
constexpr float eps = 1e-6f;

/// Writes a transformer down: what its layers are, and what flows between them.
class Description {
 public:
  Description(const TransformerConfig& config, TransformerKind kind)
      : c_(config),
        kind_(kind),
        g_({.channels = c_.in_channels,
            .height = std::int64_t(c_.grid.sides.height),
            .width = std::int64_t(c_.grid.sides.width)}) {}

  Graph graph() {
    Value x = g_.add(layers::Conversion{layers::Conversion::To::working}, {g_.images()});
    x = g_.add(layers::Positions{c_.grid.rows(), c_.grid.columns(), width()}, {tokens(x)});
    const auto [condition, label] = condition_of().parts(g_, g_.add(layers::Sinusoids{time()}));
    condition_ = condition;
    for (std::int64_t i = 0; i < c_.depth; ++i) {
      if (label && c_.starts_context(i)) x = g_.add(context(), {x, *label});
      x = block(x, i);
    }
    if (c_.context() > 0) x = g_.add(without_context(), {x});
    g_.add(layers::Conversion{layers::Conversion::To::float32}, {last(x)});
    return std::move(g_);
  }

 private:
  std::int64_t width() const { return c_.hidden_size; }
  bool is_jit() const { return kind_ == TransformerKind::jit; }

  /// One of each patch.
  Value tokens(Value x) {
    const std::string name = "x_embedder.proj";
    const auto patches = [&](const std::string& layer, std::int64_t out) {
      const std::int64_t side = c_.grid.patch;
      return layers::Convolution{
          layer, {.in = c_.in_channels, .out = out, .kernel = side, .stride = side}};
    };
    if (!c_.bottleneck_dim) return g_.add(patches(name, width()), {x});
    x = g_.add(patches(name + "1", *c_.bottleneck_dim), {x});
    return g_.add(layers::Convolution{name + "2", {.in = *c_.bottleneck_dim, .out = width()}}, {x});
  }

  nn::SinusoidShape time() const {
    return {.channels = sinusoids, .time_scale = c_.time_scale, .time_offset = c_.time_offset};
  }

  nn::Condition condition_of() const {
    nn::Condition condition{.time = time(),
                            .first = {"t_embedder.mlp.0", sinusoids, width()},
                            .second = {"t_embedder.mlp.2", width(), width()}};
    if (c_.num_classes)
      condition.label = {"y_embedder.embedding_table", *c_.num_classes + 1, width()};
    return condition;
  }

  layers::Context context() const { return {"in_context_posemb", c_.context(), width()}; }
  layers::WithoutContext without_context() const {
    return {c_.context(), c_.grid.rows(), c_.grid.columns()};
  }

  /// `count` vectors that modulate a block.
  nn::BlockModulation modulation(const std::string& name, std::int64_t count) {
    const layers::Linear linear{name + ".adaLN_modulation.1", width(), count * width()};
    return {g_.add(linear, {condition_}), width()};
  }

  /// JiT's have weights.
  layers::LayerNorm norm(const std::string& name) const {
    return {is_jit() ? name : "", width(), eps, !is_jit()};
  }

  /// Two thirds as wide where it is gated, so that it has as many weights.
  void set_mlp(nn::AdaptiveBlock& block, const std::string& name) const {
    const std::int64_t hidden = is_jit() ? 2 * c_.mlp_size() / 3 : c_.mlp_size();
    block.widened = {
        {name + (is_jit() ? ".w12" : ".fc1")}, width(), is_jit() ? 2 * hidden : hidden};
    block.narrowed = {{name + (is_jit() ? ".w3" : ".fc2")}, hidden, width()};
    if (is_jit())
      block.activation = layers::SwiGlu{};
    else
      block.activation = layers::Gelu{};
  }

  Value block(Value x, std::int64_t number) {
    const std::string name = "blocks." + std::to_string(number), attention = name + ".attn";
    nn::AdaptiveBlock block{.norm1 = norm(name + ".norm1"),
                            .qkv = {{attention + ".qkv"}, width(), 3 * width()},
                            .attention = {c_.num_heads},
                            .out = {{attention + ".proj"}, width(), width()},
                            .norm2 = norm(name + ".norm2"),
                            .widened = {},
                            .activation = {},
                            .narrowed = {},
                            .dropout = {name, c_.dropout}};
    set_mlp(block, name + ".mlp");
    if (is_jit()) {
      block.query_key_norm = {attention + ".q_norm", attention + ".k_norm", c_.num_heads,
                              c_.head_size(), eps};
      block.rotary = {c_.grid.rows(), c_.grid.columns(), c_.num_heads, c_.head_size(),
                      c_.context_in(number)};
    }
    block.declare(g_);
    return block.add_to(g_, x, modulation(name, 6));
  }

  Value last(Value x) {
    const std::int64_t patch = c_.grid.patch;
    const layers::LayerNorm normed = norm("final_layer.norm_final");
    const layers::PixelLinear out{{"final_layer.linear"}, width(), patch * patch * c_.out_channels};
    g_.declare(normed, out);
    x = g_.add(out, {modulation("final_layer", 2).normalised(g_, x, 0, normed)});
    return g_.add(layers::Unpatching{patch, patch}, {x});
  }

  const TransformerConfig& c_;
  TransformerKind kind_;
  Graph g_;
  Value condition_{};
};

InitialLaw transformer_law(const nn::Param& param, std::size_t inputs) {
  const auto has = [&](std::string_view part) { return param.name.find(part) != param.name.npos; };
  return adaptive_law(param, inputs,
                      {.silent = has("adaLN_modulation") || has("final_layer.linear"),
                       .embeds = has("t_embedder") || has("y_embedder") || has("in_context")});
}

template <TransformerKind kind>
NetworkImages images_of(const Json& config) {
  const TransformerConfig c = parse_transformer_config(config, kind);
  return {.sides = c.grid.sides,
          .channels = std::size_t(c.in_channels),
          .labels = c.num_classes ? std::size_t(*c.num_classes + 1) : 0,
          .last_is_no_label = true};
}

/// All of a row but what tells one kind from the other.
template <TransformerKind kind>
NetworkInfo row_of() {
  NetworkInfo row{};
  static constexpr std::string_view image_keys[] = {"sample_size"}, training_keys[] = {"dropout"};
  row.name = class_name(kind);
  row.keys = [] { return transformer_keys(kind); };
  row.images = images_of<kind>;
  row.check = [](const Json& config) { check_transformer(config, kind); };
  row.fit = [](Json config, const NetworkTask& task) {
    return fit_transformer(std::move(config), task, kind);
  };
  row.graph = [](const Json& config) {
    return Description(parse_transformer_config(config, kind), kind).graph();
  };
  row.image_keys = image_keys;
  row.training_keys = training_keys;
  row.initial = transformer_law;
  return row;
}

}  // namespace

NetworkInfo dit_network() {
  static constexpr NetworkPreset presets[] = {
      {"dit"},
      {"dit-s/2", R"({"patch_size": 2, "hidden_size": 384, "depth": 12, "num_heads": 6})"},
      {"dit-s/4", R"({"patch_size": 4, "hidden_size": 384, "depth": 12, "num_heads": 6})"},
      {"dit-s/8", R"({"patch_size": 8, "hidden_size": 384, "depth": 12, "num_heads": 6})"},
      {"dit-b/2", R"({"patch_size": 2, "hidden_size": 768, "depth": 12, "num_heads": 12})"},
      {"dit-b/4", R"({"patch_size": 4, "hidden_size": 768, "depth": 12, "num_heads": 12})"},
      {"dit-b/8", R"({"patch_size": 8, "hidden_size": 768, "depth": 12, "num_heads": 12})"},
      {"dit-l/2", R"({"patch_size": 2, "hidden_size": 1024, "depth": 24, "num_heads": 16})"},
      {"dit-l/4", R"({"patch_size": 4, "hidden_size": 1024, "depth": 24, "num_heads": 16})"},
      {"dit-l/8", R"({"patch_size": 8, "hidden_size": 1024, "depth": 24, "num_heads": 16})"},
      {"dit-xl/2", R"({"patch_size": 2, "hidden_size": 1152, "depth": 28, "num_heads": 16})"},
      {"dit-xl/4", R"({"patch_size": 4, "hidden_size": 1152, "depth": 28, "num_heads": 16})"},
      {"dit-xl/8", R"({"patch_size": 8, "hidden_size": 1152, "depth": 28, "num_heads": 16})"},
  };
  NetworkInfo row = row_of<TransformerKind::dit>();
  row.summary = "transformer over patches, modulated by time and class (adaLN-Zero)";
  row.reference = "Peebles and Xie 2023";
  row.defaults = R"({"patch_size": 4, "hidden_size": 192, "depth": 6, "num_heads": 6})";
  row.presets = presets;
  return row;
}

NetworkInfo jit_network() {
  static constexpr NetworkPreset presets[] = {
      {"jit"},
      {"jit-b/4",
       R"({"patch_size": 4, "hidden_size": 768, "depth": 12, "num_heads": 12, "in_context_len": 32, "in_context_start": 4})"},
      {"jit-b/16",
       R"({"patch_size": 16, "hidden_size": 768, "depth": 12, "num_heads": 12, "bottleneck_dim": 128, "in_context_len": 32, "in_context_start": 4})"},
      {"jit-b/32",
       R"({"patch_size": 32, "hidden_size": 768, "depth": 12, "num_heads": 12, "bottleneck_dim": 128, "in_context_len": 32, "in_context_start": 4})"},
      {"jit-l/16",
       R"({"patch_size": 16, "hidden_size": 1024, "depth": 24, "num_heads": 16, "bottleneck_dim": 128, "in_context_len": 32, "in_context_start": 8})"},
      {"jit-l/32",
       R"({"patch_size": 32, "hidden_size": 1024, "depth": 24, "num_heads": 16, "bottleneck_dim": 128, "in_context_len": 32, "in_context_start": 8})"},
      {"jit-h/16",
       R"({"patch_size": 16, "hidden_size": 1280, "depth": 32, "num_heads": 16, "bottleneck_dim": 256, "in_context_len": 32, "in_context_start": 10})"},
      {"jit-h/32",
       R"({"patch_size": 32, "hidden_size": 1280, "depth": 32, "num_heads": 16, "bottleneck_dim": 256, "in_context_len": 32, "in_context_start": 10})"},
  };
  NetworkInfo row = row_of<TransformerKind::jit>();
  row.summary = "transformer over large patches: RMS norms, turned queries and keys, SwiGLU";
  row.reference = "Li and He 2025";
  row.defaults = R"({"patch_size": 4, "hidden_size": 192, "depth": 6, "num_heads": 6})";
  row.presets = presets;
  return row;
}

}  // namespace diffusion
