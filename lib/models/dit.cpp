#include "lib/models/dit.hpp"

#include <cmath>
#include <string>
#include <utility>

#include "lib/models/dit_config.hpp"

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
  explicit Description(const DitConfig& config)
      : c_(config),
        g_({.channels = c_.in_channels,
            .height = std::int64_t(c_.sample_size.height),
            .width = std::int64_t(c_.sample_size.width)}) {}

  Graph graph() {
    const layers::Convolution in{
        "x_embedder.proj",
        {.in = c_.in_channels, .out = width(), .kernel = c_.patch_size, .stride = c_.patch_size}};
    const Value images = g_.add(layers::Conversion{layers::Conversion::To::working}, {g_.images()});
    Value x = g_.add(in, {images});
    x = g_.add(layers::Positions{c_.rows(), c_.columns(), width()}, {x});
    condition_ = embedded_condition();
    for (std::int64_t i = 0; i < c_.depth; ++i) x = block(x, "blocks." + std::to_string(i));
    x = last(x);
    g_.add(layers::Conversion{layers::Conversion::To::float32}, {x});
    return std::move(g_);
  }

 private:
  std::int64_t width() const { return c_.hidden_size; }

  /// What blocks are told of the time and the class, after its SiLU.
  Value embedded_condition() {
    const layers::Linear first{"t_embedder.mlp.0", sinusoids, width()};
    const layers::Linear second{"t_embedder.mlp.2", width(), width()};
    const Value hidden = g_.add(first, {g_.add(layers::Sinusoids{{sinusoids}})});
    Value all = g_.add(second, {g_.add(layers::Silu{}, {hidden})});
    if (c_.num_classes) {
      const layers::ClassVector label{"y_embedder.embedding_table", *c_.num_classes + 1, width()};
      all = g_.add(layers::Sum{}, {all, g_.add(label)});
    }
    return g_.add(layers::Silu{}, {all});
  }

  /// `count` vectors that modulate a block, side by side.
  Value modulation(const std::string& name, std::int64_t count) {
    return g_.add(layers::Linear{name + ".adaLN_modulation.1", width(), count * width()},
                  {condition_});
  }

  Value part(Value modulation, std::int64_t i) {
    return g_.add(layers::ChannelRange{i * width(), width()}, {modulation});
  }

  /// The norm of x, shifted and scaled by two parts from `first` on.
  Value modulated(Value x, Value modulation, std::int64_t first) {
    const Value shift = part(modulation, first), scale = part(modulation, first + 1);
    return g_.add(layers::LayerNorm{"", width(), eps}, {x, shift, scale});
  }

  Value linear(Value x, const std::string& name, std::int64_t out) {
    return g_.add(layers::PixelLinear{{name}, g_.channels(x), out}, {x});
  }

  Value block(Value x, const std::string& name) {
    const layers::PixelLinear qkv{{name + ".attn.qkv"}, width(), 3 * width()};
    const layers::PixelLinear proj{{name + ".attn.proj"}, width(), width()};
    const layers::PixelLinear fc1{{name + ".mlp.fc1"}, width(), c_.mlp_size()};
    const layers::PixelLinear fc2{{name + ".mlp.fc2"}, c_.mlp_size(), width()};
    g_.declare(qkv, proj, fc1, fc2);
    const Value told = modulation(name, 6);
    const Value attended =
        g_.add(layers::Attention{c_.num_heads}, {g_.add(qkv, {modulated(x, told, 0)})});
    x = g_.add(layers::GatedSum{}, {x, g_.add(proj, {attended}), part(told, 2)});
    const Value hidden = g_.add(layers::Gelu{}, {g_.add(fc1, {modulated(x, told, 3)})});
    return g_.add(layers::GatedSum{}, {x, g_.add(fc2, {hidden}), part(told, 5)});
  }

  Value last(Value x) {
    const std::int64_t patch = c_.patch_size;
    const layers::PixelLinear out{{"final_layer.linear"}, width(), patch * patch * c_.out_channels};
    g_.declare(out);
    x = g_.add(out, {modulated(x, modulation("final_layer", 2), 0)});
    return g_.add(layers::Unpatching{patch, patch}, {x});
  }

  const DitConfig& c_;
  Graph g_;
  Value condition_{};
};

Graph dit_graph(const Json& config) { return Description(parse_dit_config(config)).graph(); }

NetworkImages dit_images(const Json& config) {
  const DitConfig c = parse_dit_config(config);
  return {.sides = c.sample_size,
          .channels = std::size_t(c.in_channels),
          .labels = c.num_classes ? std::size_t(*c.num_classes + 1) : 0};
}

/// The original's: every block begins as the identity, and the network says nothing.
InitialLaw dit_law(const nn::Param& param, std::size_t inputs) {
  const auto has = [&](std::string_view part) { return param.name.find(part) != param.name.npos; };
  if (param.name.ends_with(".bias") || has("adaLN_modulation") || has("final_layer.linear"))
    return {InitialLaw::Kind::constant, 0};
  if (has("t_embedder") || has("y_embedder")) return {InitialLaw::Kind::normal, 0.02f};
  const double both = double(inputs + param.shape[0]);  // Glorot and Bengio 2010
  return {InitialLaw::Kind::uniform, float(std::sqrt(6 / both))};
}

}  // namespace

NetworkInfo dit_network() {
  static constexpr std::string_view image_keys[] = {"sample_size"};
  static constexpr NetworkPreset presets[] = {
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
  return {.name = dit_class_name,
          .summary = "transformer over patches, modulated by time and class (adaLN-Zero)",
          .reference = "Peebles and Xie 2023",
          .part = "",
          .defaults = R"({"patch_size": 4, "hidden_size": 192, "depth": 6, "num_heads": 6})",
          .keys = dit_keys,
          .images = dit_images,
          .check = check_dit,
          .fit = fit_dit,
          .graph = dit_graph,
          .presets = presets,
          .image_keys = image_keys,
          .initial = dit_law};
}

}  // namespace diffusion
