#include "lib/models/mlp.hpp"

#include <cmath>
#include <optional>
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

constexpr const char* class_name = "MLP";
constexpr std::int64_t sinusoids = 128;  // that tell the time
constexpr std::int64_t most_channels = 1 << 16, most_blocks = 1 << 10;
constexpr float eps = 1e-6f;

enum class Between { silu, gelu };

/// Two linear maps a block, from hidden_size to hidden_size * expansion and back.
struct MlpConfig {
  ImageSides sample_size{1, 1};
  std::int64_t in_channels = 2, out_channels = 2;
  std::int64_t hidden_size = 64, depth = 3, expansion = 2;
  Between activation = Between::silu;
  std::optional<std::int64_t> num_classes;  // "no label" not counted; nothing: no classes
};

MlpConfig take_all(ConfigKeys& keys) {
  MlpConfig c;
  c.sample_size = take_sample_size(keys).value_or(c.sample_size);
  c.in_channels = keys.positive("in_channels", c.in_channels, most_channels);
  c.out_channels = keys.positive("out_channels", c.in_channels, 2 * most_channels);
  c.hidden_size = keys.positive("hidden_size", c.hidden_size, most_channels);
  c.depth = keys.positive("depth", c.depth, most_blocks);
  c.expansion = keys.positive("expansion", c.expansion, 64);
  c.activation = Between(keys.one_of("activation", {"silu", "gelu"}));
  c.num_classes = keys.positive_or_null("num_classes", {}, most_class_labels);
  return c;
}

MlpConfig parse(const Json& config) {
  ConfigKeys keys(config, class_name);
  const MlpConfig c = take_all(keys);
  keys.finish();
  if (c.sample_size.height != 1 || c.sample_size.width != 1)
    keys.refuse("sample_size", "1, as points are 1 x 1 x D");
  return c;
}

/// Writes it down: what its layers are, and what flows between them.
class Description {
 public:
  explicit Description(const MlpConfig& config)
      : c_(config), g_({.channels = c_.in_channels, .height = 1, .width = 1}) {}

  Graph graph() {
    Value x = converted(g_.images(), layers::Conversion::To::working);
    x = activated(g_.add(linear("in_proj.0", c_.in_channels, width()), {x}));
    x = g_.add(linear("in_proj.2", width(), width()), {x});
    condition_ = embedded_condition();
    for (std::int64_t i = 0; i < c_.depth; ++i) x = block(x, "blocks." + std::to_string(i));
    const Value normed = modulation("out", 2).normalised(g_, x, 0, norm());
    const Value said = g_.add(linear("out_proj", width(), c_.out_channels), {normed});
    converted(said, layers::Conversion::To::float32);
    return std::move(g_);
  }

 private:
  std::int64_t width() const { return c_.hidden_size; }
  layers::LayerNorm norm() const { return {"", width(), eps}; }

  static layers::PixelLinear linear(const std::string& name, std::int64_t in, std::int64_t out) {
    return {{name}, in, out};
  }

  Value converted(Value x, layers::Conversion::To to) {
    return g_.add(layers::Conversion{to}, {x});
  }

  Value embedded_condition() {
    nn::Condition condition{.time = {sinusoids},
                            .first = {"time_embedding.linear_1", sinusoids, width()},
                            .second = {"time_embedding.linear_2", width(), width()}};
    if (c_.num_classes) condition.label = {"class_embedding", *c_.num_classes + 1, width()};
    return condition.add_to(g_);
  }

  /// `count` vectors that modulate a block.
  nn::BlockModulation modulation(const std::string& name, std::int64_t count) {
    const layers::Linear linear{name + ".modulation", width(), count * width()};
    return {g_.add(linear, {condition_}), width()};
  }

  /// SiLU knows float32 alone.
  Value activated(Value h) {
    if (c_.activation == Between::gelu) return g_.add(layers::Gelu{}, {h});
    h = g_.add(layers::Activate{}, {converted(h, layers::Conversion::To::float32)});
    return converted(h, layers::Conversion::To::working);
  }

  /// x, and gated what two linear maps make of its shifted and scaled norm.
  Value block(Value x, const std::string& name) {
    const std::int64_t wide = c_.expansion * width();
    const nn::BlockModulation vectors = modulation(name, 3);
    Value h = vectors.normalised(g_, x, 0, norm());
    h = activated(g_.add(linear(name + ".linear_1", width(), wide), {h}));
    h = g_.add(linear(name + ".linear_2", wide, width()), {h});
    return g_.add(layers::GatedSum{}, {x, h, vectors.part(g_, 2)});
  }

  const MlpConfig& c_;
  Graph g_;
  Value condition_{};
};

/// As the DiT's: every block begins as the identity, and the network says nothing. But norms would
/// forget how far out a point lies, so the first layer bends at places spread over the data.
InitialLaw mlp_law(const nn::Param& param, std::size_t inputs) {
  const auto has = [&](std::string_view part) { return param.name.find(part) != param.name.npos; };
  if (param.name == "in_proj.0.weight")
    return {InitialLaw::Kind::normal, float(2 / std::sqrt(double(inputs)))};
  if (param.name == "in_proj.0.bias") return {InitialLaw::Kind::uniform, 3};
  return adaptive_law(
      param, inputs,
      {.silent = has(".modulation") || has("out_proj"), .embeds = has("class_embedding")});
}

std::vector<std::string> keys_of() {
  const Json none = Json::object();
  ConfigKeys keys(none, class_name);
  take_all(keys);
  return keys.known();
}

NetworkImages images_of(const Json& config) {
  const MlpConfig c = parse(config);
  return {.sides = c.sample_size,
          .channels = std::size_t(c.in_channels),
          .labels = c.num_classes ? std::size_t(*c.num_classes + 1) : 0,
          .last_is_no_label = true};
}

Json fit(Json config, const NetworkTask& task) {
  parse(config);
  if (task.sides.height != 1 || task.sides.width != 1)
    throw Error("the images are " + std::to_string(task.sides.height) + " x " +
                std::to_string(task.sides.width) + " pixels, and " + class_name +
                " takes points, 1 x 1 x D; `network` unet takes images");
  fit_images(config, task);
  fit_classes(config, "num_classes", task.classes, task.classes);
  return config;
}

}  // namespace

NetworkInfo mlp_network() {
  static constexpr NetworkPreset presets[] = {{"mlp"}};
  static constexpr std::string_view image_keys[] = {"sample_size"};
  NetworkInfo row{};
  row.name = class_name;
  row.summary = "residual MLP for points, modulated by time and class (adaLN-Zero)";
  row.reference = "Peebles and Xie 2023";
  row.defaults = R"({"hidden_size": 64, "depth": 3, "expansion": 2, "activation": "silu"})";
  row.keys = keys_of;
  row.images = images_of;
  row.check = [](const Json& config) { parse(config); };
  row.fit = fit;
  row.graph = [](const Json& config) { return Description(parse(config)).graph(); };
  row.presets = presets;
  row.image_keys = image_keys;
  row.initial = mlp_law;
  row.takes = NetworkData::points;
  return row;
}

}  // namespace diffusion
