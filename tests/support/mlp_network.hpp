// A second network for tests of what a row needs: all pixels of an image as one vector,
// through one hidden layer that is also told the time and the class.
#pragma once
#include <string>
#include <vector>

#include "lib/models/config_keys.hpp"
#include "lib/models/network.hpp"

namespace diffusion::test {

struct MlpConfig {
  ImageSides sides{8, 8};
  std::int64_t in_channels = 1, out_channels = 1, hidden = 32, labels = 0;

  std::int64_t pixels() const { return std::int64_t(sides.height * sides.width); }
};

inline MlpConfig take_mlp(ConfigKeys& keys) {
  MlpConfig c;
  c.sides = {std::size_t(keys.positive("height", 8)), std::size_t(keys.positive("width", 8))};
  c.in_channels = keys.positive("in_channels", 1);
  c.out_channels = keys.positive("out_channels", 1);
  c.hidden = keys.positive("hidden", 32);
  c.labels = keys.positive_or_null("labels", {}).value_or(0);
  return c;
}

inline MlpConfig parse_mlp(const Json& config) {
  ConfigKeys keys(config, "TestMLP");
  const MlpConfig c = take_mlp(keys);
  keys.finish();
  return c;
}

inline nn::Graph mlp_graph(const Json& config) {
  namespace layers = nn::layers;
  const MlpConfig c = parse_mlp(config);
  const auto height = std::int64_t(c.sides.height), width = std::int64_t(c.sides.width);
  nn::Graph g({.channels = c.in_channels, .height = height, .width = width});
  const layers::Linear first{"first", c.pixels() * c.in_channels, c.hidden};
  const layers::Linear time1{"time.linear_1", 16, c.hidden};
  const layers::Linear time2{"time.linear_2", c.hidden, c.hidden};
  const layers::Linear last{"last", c.hidden, c.pixels() * c.out_channels};
  const nn::Value x = g.add(first, {g.add(layers::Patches{height, width}, {g.images()})});
  const nn::Value time = g.add(time1, {g.add(layers::Sinusoids{{.channels = 16}})});
  nn::Value h = g.add(layers::Sum{}, {x, g.add(time2, {g.add(layers::Activate{}, {time})})});
  if (c.labels > 0)
    h = g.add(layers::Sum{}, {h, g.add(layers::ClassVector{"classes", c.labels, c.hidden})});
  h = g.add(last, {g.add(layers::Activate{}, {h})});
  g.add(layers::Unpatching{height, width}, {h});
  return g;
}

inline std::vector<std::string> mlp_keys() {
  const Json none = Json::object();
  ConfigKeys keys(none, "TestMLP");
  take_mlp(keys);
  return keys.known();
}

inline NetworkImages mlp_images(const Json& config) {
  const MlpConfig c = parse_mlp(config);
  return {c.sides, std::size_t(c.in_channels), std::size_t(c.labels)};
}

inline Json fit_mlp(Json config, const NetworkTask& task) {
  config["height"] = task.sides.height;
  config["width"] = task.sides.width;
  config["in_channels"] = task.channels;
  config["out_channels"] = task.channels * (task.variance == VarianceOutput::learned ? 2 : 1);
  if (task.classes > 0) config["labels"] = task.classes + 1;
  return config;
}

inline InitialLaw mlp_law(const nn::Param& param, std::size_t inputs) {
  if (param.name.starts_with("last.")) return {InitialLaw::Kind::constant, 0};
  if (param.name == "classes.weight") return {InitialLaw::Kind::normal, 0.02f};
  return pytorch_law(param, inputs);
}

/// The hidden layer was once called "in".
inline std::string mlp_current_name(std::string_view name) {
  return name.starts_with("in.") ? "first" + std::string(name.substr(2)) : std::string(name);
}

inline NetworkInfo mlp_network() {
  return {.name = "TestMLP",
          .summary = "one hidden layer over all pixels",
          .reference = "for tests",
          .part = "mlp",
          .defaults = R"({"hidden": 24})",
          .keys = mlp_keys,
          .images = mlp_images,
          .check = [](const Json& config) { parse_mlp(config); },
          .fit = fit_mlp,
          .graph = mlp_graph,
          .initial = mlp_law,
          .current_name = mlp_current_name};
}

}  // namespace diffusion::test
