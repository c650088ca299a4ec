// The configuration of a training run: JSON, completed and checked.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/json.hpp"
#include "lib/nn/tensor.hpp"
#include "lib/noise/prediction.hpp"
#include "lib/train/adam.hpp"

namespace diffusion {

/// One key of the configuration; the manual lists the same rows.
struct Setting {
  std::string_view path;      // "train.lr"
  std::string_view fallback;  // JSON text
  std::string_view rule;      // what it must be, for messages
  bool (*valid)(const Json& value);
};

std::span<const Setting> settings();

/// Every setting at its default. `model` holds the keys of the architecture,
/// which the network itself checks.
Json default_config();

/// Lays `given` over `config`. Unknown keys and values that break a rule are
/// errors that open with `culprit` and propose the nearest key.
void merge_config(Json& config, const Json& given, const std::string& culprit);

/// One "key.path=value" on top; the value is JSON, or a text as it stands.
void set_config(Json& config, const std::string& assignment);
void set_config(Json& config, const std::string& path, const std::string& value);

using ImageSize = std::pair<std::size_t, std::size_t>;  // H, W

/// The same, typed.
struct TrainConfig {
  struct Data {
    std::optional<ImageSize> size, crop;
    std::optional<std::size_t> channels;
    bool flip;
    int shift;                          // by at most so many pixels each way
    std::optional<std::string> labels;  // "own", "prefix" or a file; none: no classes
    double validation;                  // the share of images that is held out
  } data;
  Json model;  // diffusers' keys
  Prediction prediction;
  std::string weight, levels, loss, decay;  // specs
  double label_dropout;
  std::uint64_t steps, batch, accumulate, warmup, save_every, validate_every, seed;
  double learning_rate, clip;
  AdamOptions adam;
  std::vector<double> ema;  // rates
  nn::DType precision;      // of activations and products
};

TrainConfig parse_config(const Json& config);

/// What a resumed run may not change, where `now` differs from `then`: the first
/// such path, as "data.flip (false, not true)".
std::optional<std::string> fixed_difference(const Json& then, const Json& now);

/// The first key of the model that differs, likewise.
std::optional<std::string> model_difference(const Json& then, const Json& now);

}  // namespace diffusion
