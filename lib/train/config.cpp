#include "lib/train/config.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/image/alike.hpp"
#include "lib/train/learning_rate.hpp"
#include "lib/train/level_sampler.hpp"
#include "lib/train/loss_weight.hpp"
#include "lib/train/memory.hpp"
#include "lib/train/variational_loss.hpp"

namespace diffusion {
namespace {

constexpr const char* model_section = "model";

std::optional<ImageSize> size_of(const Json& value) {
  if (value.is_null()) return std::nullopt;
  if (value.is_number()) return ImageSize(value, value);
  if (value.is_array()) return ImageSize(value[0], value[1]);
  const auto sides = parse_extents(value.get<std::string>()).value();
  return ImageSize(sides[0], sides[1]);
}

std::optional<std::size_t> number_of(const Json& value) {
  if (!value.is_number()) return std::nullopt;
  return value.get<std::size_t>();
}

std::optional<std::string> text_of(const Json& value) {
  if (!value.is_string()) return std::nullopt;
  return value.get<std::string>();
}

std::optional<Opacity> opacity_of(const Json& value) {
  if (value.is_null()) return std::nullopt;
  return parse_opacity(value.get<std::string>());
}

std::optional<std::size_t> memory_of(const Json& value) {
  if (value.is_null()) return std::nullopt;
  return value.is_number() ? value.get<std::size_t>() : parse_memory(value.get<std::string>());
}

std::vector<double> rates_of(const Json& value) {
  if (value.is_number()) return {value.get<double>()};
  auto rates = value.get<std::vector<double>>();
  std::ranges::sort(rates, std::greater{});
  rates.erase(std::unique(rates.begin(), rates.end()), rates.end());
  return rates;
}

/// Does `make` and lets errors open with the key they are about.
template <class Make>
void naming(const char* path, const Make& make) {
  try {
    make();
  } catch (const Error& e) {
    throw Error(std::string(path) + ": " + e.what());
  }
}

TrainConfig::Data data_of(const Json& data) {
  return {.size = size_of(data.at("size")),
          .crop = size_of(data.at("crop")),
          .channels = number_of(data.at("channels")),
          .opacity = opacity_of(data.value("alpha", Json())),
          .flip = data.at("flip"),
          .shift = data.at("shift"),
          .labels = text_of(data.at("labels")),
          .validation = share_of(data.at("validation")),
          .validation_data = text_of(data.at("validation")),
          .memory = memory_of(data.value("memory", Json()))};
}

AdamOptions adam_of(const Json& train) {
  return {.beta1 = train.at("beta1"),
          .beta2 = train.at("beta2"),
          .epsilon = train.at("epsilon"),
          .weight_decay = train.at("weight_decay")};
}

Prediction prediction_of(const Json& objective) {
  Prediction prediction{};
  naming("objective.prediction",
         [&] { prediction = parse_prediction(objective.at("prediction")); });
  return prediction;
}

/// Specs are parsed once here, so that a typo is met before anything is loaded.
void check_specs(const TrainConfig& config) {
  naming("objective.weight", [&] { make_loss_weight(config.weight); });
  naming("objective.loss", [&] {
    const LossKind loss = make_loss_kind(config.loss);
    if (!loss.learns_variance()) return;
    if (loss.simple == 0 && config.weight != "uniform")
      throw Error(config.loss + " has weights of its own; objective.weight must stay uniform");
    if (levels_of_level_sampler(config.levels) == Levels::any)
      throw Error(config.loss + " is made of steps, and " + config.levels +
                  " levels lie between them; uniform, stratified or importance do not");
  });
  naming("objective.levels", [&] { make_level_sampler(config.levels); });
  naming("train.decay", [&] { make_decay(config.decay); });
}

}  // namespace

TrainConfig parse_config(const Json& config) {
  const auto& train = config.at("train");
  const auto& objective = config.at("objective");
  TrainConfig parsed{.data = data_of(config.at("data")),
                     .model = config.at(model_section),
                     .prediction = prediction_of(objective),
                     .weight = objective.at("weight"),
                     .levels = objective.at("levels"),
                     .loss = objective.value("loss", "simple"),
                     .decay = train.at("decay"),
                     .label_dropout = objective.at("label_dropout"),
                     .steps = train.at("steps"),
                     .batch = train.at("batch"),
                     .accumulate = train.at("accumulate"),
                     .warmup = train.at("warmup"),
                     .save_every = train.at("save_every"),
                     .validate_every = train.at("validate_every"),
                     .seed = train.at("seed"),
                     .learning_rate = train.at("lr"),
                     .clip = train.at("clip"),
                     .adam = adam_of(train),
                     .ema = rates_of(train.at("ema")),
                     .precision = *nn::parse_dtype(train.at("precision").get<std::string>())};
  check_specs(parsed);
  return parsed;
}

}  // namespace diffusion
