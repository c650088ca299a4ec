#include "lib/train/config.hpp"

#include <algorithm>
#include <limits>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/train/learning_rate.hpp"
#include "lib/train/level_sampler.hpp"
#include "lib/train/loss_weight.hpp"
#include "lib/train/memory.hpp"
#include "lib/train/variational_loss.hpp"

namespace diffusion {
namespace {

constexpr const char* model_section = "model";

std::optional<ImageSize> size_of(const JsonAt& value) {
  const Json& json = value.json();
  const auto side = [](const JsonAt& at) { return std::size_t(at.whole(1)); };
  if (json.is_null()) return std::nullopt;
  if (json.is_number()) return ImageSize(side(value), side(value));
  if (json.is_array()) return ImageSize(side(value.array()[0]), side(value.array()[1]));
  const auto sides = parse_extents(value.text()).value();
  return ImageSize(sides[0], sides[1]);
}

std::optional<std::string> text_of(const JsonAt& value) {
  if (!value.json().is_string()) return std::nullopt;
  return value.text();
}

std::optional<std::size_t> memory_of(const JsonAt& value) {
  return value.json().is_number() ? std::size_t(value.whole_64()) : parse_memory(value.text());
}

std::vector<double> rates_of(const JsonAt& value) {
  if (value.json().is_number()) return {value.number()};
  std::vector<double> rates;
  for (const JsonAt& each : value.array()) rates.push_back(each.number());
  std::ranges::sort(rates, std::greater{});
  rates.erase(std::unique(rates.begin(), rates.end()), rates.end());
  return rates;
}

std::optional<std::vector<double>> numbers_of(const std::optional<JsonAt>& value) {
  if (!value) return std::nullopt;
  if (value->json().is_number()) return std::vector<double>{value->number()};
  return value->numbers();
}

/// Power-function averages are for snapshots.
std::vector<Averaging> averages_of(const JsonAt& train) {
  std::vector<Averaging> averages;
  for (const double rate : rates_of(train["ema"]))
    averages.push_back({Averaging::Profile::exponential, rate});
  if (!train.find("snapshots_every") || train["snapshots_every"].whole() == 0) return averages;
  std::vector<double> widths = rates_of(train["ema_power"]);
  std::ranges::reverse(widths);
  for (const double width : widths) averages.push_back({Averaging::Profile::power, width});
  return averages;
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

TrainConfig::Data data_of(const JsonAt& data) {
  const auto channels = data.find("channels"), memory = data.find("memory");
  return {.size = size_of(data["size"]),
          .crop = size_of(data["crop"]),
          .channels = channels ? std::optional<std::size_t>(channels->whole(1)) : std::nullopt,
          .offset = numbers_of(data.find("offset")),
          .scale = numbers_of(data.find("scale")),
          .pictures = picture_reading(data),
          .flip = data["flip"].flag(),
          .shift = int(data["shift"].whole(0, std::numeric_limits<int>::max())),
          .labels = text_of(data["labels"]),
          .validation = share_of(data["validation"].json()),
          .validation_data = text_of(data["validation"]),
          .memory = memory ? memory_of(*memory) : std::nullopt};
}

AdamOptions adam_of(const JsonAt& train) {
  return {.beta1 = train["beta1"].number(),
          .beta2 = train["beta2"].number(),
          .epsilon = train["epsilon"].number(),
          .weight_decay = train["weight_decay"].number()};
}

Prediction prediction_of(const JsonAt& objective) {
  Prediction prediction{};
  naming("objective.prediction",
         [&] { prediction = parse_prediction(objective["prediction"].text()); });
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
    if (config.prediction == Prediction::ncsn)
      throw Error(config.loss +
                  " is made of steps between states that the network sees; with prediction ncsn "
                  "it sees images in [0, 1]");
    if (levels_of_level_sampler(config.levels) == Levels::any)
      throw Error(config.loss + " is made of steps, and " + config.levels +
                  " levels lie between them; uniform, stratified or importance do not");
  });
  naming("objective.levels", [&] { make_level_sampler(config.levels); });
  naming("train.decay", [&] { make_decay(config.decay); });
}

}  // namespace

TrainConfig parse_config(const Json& config) {
  const JsonAt all(config, "configuration"), train = all["train"], objective = all["objective"];
  const auto count = [&](const char* key) { return std::uint64_t(train[key].whole()); };
  const auto loss = objective.find("loss");
  const std::string precision = train["precision"].text();
  TrainConfig parsed{
      .data = data_of(all["data"]),
      .model = all[model_section].json(),
      .prediction = prediction_of(objective),
      .weight = objective["weight"].text(),
      .levels = objective["levels"].text(),
      .loss = loss ? loss->text() : "simple",
      .decay = train["decay"].text(),
      .label_dropout = objective["label_dropout"].number(),
      .steps = count("steps"),
      .batch = count("batch"),
      .accumulate = train.find("accumulate") ? count("accumulate") : 1,
      .lanes = train.find("lanes") ? count("lanes") : 16,
      .warmup = count("warmup"),
      .save_every = count("save_every"),
      .snapshots_every = train.find("snapshots_every") ? count("snapshots_every") : 0,
      .validate_every = count("validate_every"),
      .seed = train["seed"].whole_64(),
      .learning_rate = train["lr"].number(),
      .clip = train["clip"].number(),
      .adam = adam_of(train),
      .averages = averages_of(train),
      .recompute = train.find("recompute") && train["recompute"].flag(),
      .precision = nn::parse_dtype(precision).value_or(nn::DType::float32),
      .tf32 = precision == tf32_precision};
  check_specs(parsed);
  return parsed;
}

}  // namespace diffusion
