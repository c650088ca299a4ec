// A second network for tests of what a row needs: all pixels of an image as one vector,
// through one hidden layer that is also told the time and the class.
#pragma once
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/models/config_keys.hpp"
#include "lib/models/network.hpp"
#include "lib/nn/class_embedding.hpp"
#include "lib/nn/elementwise.hpp"
#include "lib/nn/time_embedding.hpp"

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

class Mlp final : public Network {
 public:
  explicit Mlp(const Json& config)
      : config_(config),
        shape_(parse_mlp(config)),
        first_(parameters_, "first", shape_.pixels() * shape_.in_channels, shape_.hidden),
        time_(parameters_, "time", {.channels = 16}, shape_.hidden),
        last_(parameters_, "last", shape_.hidden, shape_.pixels() * shape_.out_channels) {
    if (shape_.labels > 0) classes_.emplace(parameters_, "classes", shape_.labels, shape_.hidden);
  }

  nn::Tensor forward(const nn::Tensor& x, std::span<const float> timesteps,
                     std::span<const int> labels, nn::Tape* tape) const override {
    const auto [height, width] = shape_.sides;
    const nn::Dims d = x.dims();
    if (d != nn::Dims{d.n, std::int64_t(height), std::int64_t(width), shape_.in_channels})
      throw Error("images are not of the size that the network takes");
    if (!labels.empty() && !classes_) throw Error("labels for a network without classes");
    const nn::Tensor hidden = first_.forward(seen_as({d.n, 1, 1, d.h * d.w * d.c}, x), tape);
    add_in_place(hidden, time_.forward(timesteps, tape));
    if (classes_) classes_->add(hidden, labels, tape);
    const nn::Tensor y = last_.forward(silu(hidden, tape), tape);
    return seen_as({d.n, d.h, d.w, shape_.out_channels}, y);
  }

  nn::Tensor backward(const nn::Tensor& dy, nn::Tape& tape) const override {
    const nn::Dims d = dy.dims();
    const nn::Tensor dh =
        silu_backward(last_.backward(seen_as({d.n, 1, 1, d.h * d.w * d.c}, dy), tape), tape);
    if (classes_) classes_->backward(dh, tape);
    time_.backward(dh, tape);
    const nn::Tensor dx = first_.backward(dh, tape);
    if (tape.wants_weights()) return {};
    return seen_as({d.n, d.h, d.w, shape_.in_channels}, dx);
  }

  const Json& config() const override { return config_; }

 private:
  static nn::Tensor seen_as(const nn::Dims& dims, const nn::Tensor& x) {
    nn::Tensor y(dims);
    std::ranges::copy(x.floats(), y.floats().begin());
    return y;
  }

  Json config_;
  MlpConfig shape_;
  nn::Linear first_;
  nn::TimeEmbedding time_;
  nn::Linear last_;
  std::optional<nn::ClassEmbedding> classes_;
};

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
          .make = [](const Json& config) -> std::unique_ptr<Network> {
            return std::make_unique<Mlp>(config);
          },
          .initial = mlp_law,
          .current_name = mlp_current_name};
}

}  // namespace diffusion::test
