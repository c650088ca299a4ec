#include "lib/train/settings.hpp"

#include <algorithm>
#include <cmath>

#include "lib/base/error.hpp"
#include "lib/base/json_at.hpp"
#include "lib/base/registry.hpp"
#include "lib/base/text.hpp"
#include "lib/image/alike.hpp"
#include "lib/models/network.hpp"
#include "lib/nn/tensor.hpp"
#include "lib/noise/prediction.hpp"
#include "lib/train/learning_rate.hpp"
#include "lib/train/level_sampler.hpp"
#include "lib/train/loss_weight.hpp"
#include "lib/train/memory.hpp"
#include "lib/train/power_profile.hpp"
#include "lib/train/variational_loss.hpp"

namespace diffusion {
namespace {

const std::string model_section = "model", network_path = model_section + "._class_name";

// What is counted, multiplied and allocated for has an end. Of images in a batch, side by side
// or in parts; of all else.
constexpr std::uint64_t most_images = 1 << 20, most_steps = 1'000'000'000'000, most_side = 1 << 16;

bool is_seed(const Json& v) { return v.is_number_unsigned(); }
bool is_count(const Json& v) { return v.is_number_unsigned() && v <= most_steps; }
bool is_step(const Json& v) { return is_count(v) && v != 0; }
bool is_batch(const Json& v) { return is_step(v) && v <= most_images; }
bool is_side(const Json& v) { return is_step(v) && v <= most_side; }
bool from_0(const Json& v) {
  return v.is_number() && v >= 0 && std::isfinite(number_from_json(v, ""));
}
bool above_0(const Json& v) { return from_0(v) && v > 0; }
bool below_1(const Json& v) { return from_0(v) && v < 1; }
bool is_flag(const Json& v) { return v.is_boolean(); }
bool is_share(const Json& v) { return from_0(v) && v <= 1; }
bool is_text_or_null(const Json& v) { return v.is_null() || v.is_string(); }
bool is_shift(const Json& v) { return v.is_number_unsigned() && v <= 1024; }
bool is_text(const Json& v) { return v.is_string(); }
bool is_channels(const Json& v) { return v.is_null() || v == 1 || v == 3; }
std::string text_of(const Json& v) { return JsonAt(v, "").text(); }

bool is_opacity(const Json& v) {
  return v.is_null() || (v.is_string() && parse_opacity(text_of(v)));
}
bool is_sixteen(const Json& v) { return v == "scale" || v == "pillow"; }
bool is_rates(const Json& v) {
  return below_1(v) || (v.is_array() && std::ranges::all_of(v, below_1));
}

bool is_offset(const Json& v) {
  const auto is_one = [](const Json& each) {
    return each.is_number() && std::isfinite(number_from_json(each, ""));
  };
  return v.is_null() || is_one(v) || (v.is_array() && !v.empty() && std::ranges::all_of(v, is_one));
}
/// What float32 can multiply and divide by.
bool is_factor(const Json& v) { return above_0(v) && v >= 1e-30 && v <= 1e30; }
bool is_scale(const Json& v) {
  return v.is_null() || is_factor(v) ||
         (v.is_array() && !v.empty() && std::ranges::all_of(v, is_factor));
}

bool is_width(const Json& v) { return from_0(v) && v >= least_sigma_rel && v <= most_sigma_rel; }
bool is_widths(const Json& v) {
  return is_width(v) || (v.is_array() && !v.empty() && std::ranges::all_of(v, is_width));
}

bool is_precision(const Json& v) {
  return v.is_string() && (v == tf32_precision || nn::parse_dtype(text_of(v)).has_value());
}

/// null, 32, [28, 20] or "28x20".
bool is_size(const Json& v) {
  if (v.is_null() || is_side(v)) return true;
  if (v.is_array()) return v.size() == 2 && std::ranges::all_of(v, is_side);
  if (!v.is_string()) return false;
  const auto sides = parse_extents(text_of(v));
  return sides && sides->size() == 2 &&
         std::ranges::all_of(*sides, [](std::size_t side) { return side <= most_side; });
}

bool is_memory(const Json& v) {
  return v.is_null() || (v.is_number_unsigned() && v != 0) ||
         (v.is_string() && parse_memory(text_of(v)));
}

bool is_validation(const Json& v) { return below_1(v) || (v.is_string() && v != ""); }

template <auto registry>
std::string name_in(std::string_view spec) {
  return canonical_spec(registry(), spec);
}

constexpr std::string_view size_rule = "N, [H, W], \"HxW\" or null, of at most 65536 pixels",
                           step_rule = "a whole number from 1 to 10^12",
                           batch_rule = "a whole number from 1 to 1048576";

constexpr Setting rows[] = {
    {"data.size", "null", size_rule, is_size},
    {"data.crop", "null", size_rule, is_size},
    {"data.channels", "null", "1, 3 or null", is_channels},
    {"data.alpha", "null", "\"flatten=COLOUR\", \"drop\" or null", is_opacity},
    {"data.orient", "false", "true or false", is_flag},
    {"data.16_bit", "\"scale\"", "scale or pillow", is_sixteen},
    {"data.offset", "null", "a number, an array of them, or null", is_offset},
    {"data.scale", "null", "a number from 1e-30 to 1e30, an array of them, or null", is_scale},
    {"data.flip", "false", "true or false", is_flag},
    {"data.shift", "0", "a whole number of pixels up to 1024", is_shift},
    {"data.labels", "null", "\"own\", \"prefix\", the name of a file, or null", is_text_or_null},
    {"data.validation", "0", "a number in [0, 1), or the name of other images", is_validation},
    {"data.memory", "null", "bytes, such as \"500M\" or \"2G\", or null", is_memory},
    {"objective.prediction", "\"v\"", "a string", is_text, name_in<predictions>},
    {"objective.weight", "\"uniform\"", "a string", is_text, name_in<loss_weights>},
    {"objective.loss", "\"simple\"", "a string", is_text, name_in<loss_kinds>},
    {"objective.levels", "\"uniform\"", "a string", is_text, name_in<level_samplers>},
    {"objective.label_dropout", "0.1", "a number from 0 to 1", is_share},
    {"train.steps", "2000", step_rule, is_step},
    {"train.batch", "64", batch_rule, is_batch},
    {"train.accumulate", "1", batch_rule, is_batch},
    {"train.lanes", "16", batch_rule, is_batch},
    {"train.lr", "0.003", "a number above 0", above_0},
    {"train.warmup", "100", "a whole number up to 10^12", is_count},
    {"train.decay", "\"cosine\"", "a string", is_text, name_in<decays>},
    {"train.clip", "1", "a number from 0 (0: none)", from_0},
    {"train.beta1", "0.9", "a number in [0, 1)", below_1},
    {"train.beta2", "0.999", "a number in [0, 1)", below_1},
    {"train.epsilon", "1e-8", "a number above 0", above_0},
    {"train.weight_decay", "0.01", "a number from 0", from_0},
    {"train.ema", "0.995", "a rate in [0, 1), or an array of them", is_rates},
    {"train.ema_power", "[0.05, 0.1]", "a width from 0.001 to 0.28, or an array of them",
     is_widths},
    {"train.recompute", "false", "true or false", is_flag},
    {"train.precision", "\"float32\"", "float32, tf32 or bf16", is_precision},
    {"train.save_every", "500", "a whole number up to 10^12 (0: at the end only)", is_count},
    {"train.snapshots_every", "0", "a whole number up to 10^12 (0: none)", is_count},
    {"train.validate_every", "500", step_rule, is_step},
    {"train.seed", "0", "a whole number", is_seed},
};

Json::json_pointer pointer(std::string_view path) {
  std::string text = "/" + std::string(path);
  std::ranges::replace(text, '.', '/');
  return Json::json_pointer(text);
}

bool in_model(std::string_view path) { return path.starts_with(model_section + "."); }

bool is_section(std::string_view path) {
  return path == model_section || std::ranges::any_of(rows, [&](const Setting& row) {
           return row.path.starts_with(std::string(path) + ".");
         });
}

/// Proposes the nearest whole path, or one whose last word is near.
std::string did_you_mean(const std::string& path) {
  std::vector<std::string> paths, last_words;
  for (const Setting& row : rows) {
    paths.emplace_back(row.path);
    last_words.push_back(split(row.path, '.').back());
  }
  for (const char* section : {"data", "objective", "train", "model"}) paths.emplace_back(section);
  if (const auto close = nearest(path, paths)) return "; did you mean " + *close + "?";
  if (const auto close = nearest(split(path, '.').back(), last_words))
    return "; did you mean " +
           paths[std::size_t(std::ranges::find(last_words, *close) - last_words.begin())] + "?";
  return "; `print-config` shows all";
}

/// The defaults of the network that is not chosen go, and those of the other come.
void choose_network(Json& config, const Json& name, const std::string& opening) {
  try {
    config[model_section] = of_other_network(config[model_section], name);
  } catch (const Error& e) {
    throw Error(opening + network_path + ": " + e.what());
  }
}

/// Where the value of `path` goes; of the model, whose keys are its own, anything may come.
Json& place_of(Json& config, const std::string& path, const std::string& opening) {
  Json* at = &config;
  for (const std::string& word : split(path, '.')) {
    if (!at->is_object() && !at->is_null())
      throw Error(opening + path + ": goes on where a value stands, " + shown(*at));
    at = &(*at)[word];
  }
  return *at;
}

/// `opening`: of messages, before the path.
void assign(Json& config, const std::string& path, const Json& value, const std::string& opening) {
  if (path == network_path) return choose_network(config, value, opening);
  Json kept = value;
  if (!in_model(path)) {
    const auto row = std::ranges::find(rows, std::string_view(path), &Setting::path);
    if (row == std::ranges::end(rows)) {
      if (config.contains(path))
        throw Error(opening + path + ": has keys, which are set one by one: " + path +
                    ".KEY=VALUE");
      throw Error(opening + path + ": no such setting" + did_you_mean(path));
    }
    if (!row->valid(value))
      throw Error(opening + path + ": must be " + std::string(row->rule) + ", got " + shown(value));
    if (row->canonical != nullptr) kept = row->canonical(text_of(value));
  }
  place_of(config, path, opening) = std::move(kept);
}

void merge_section(Json& config, const std::string& prefix, const Json& given,
                   const std::string& culprit) {
  if (prefix == model_section && given.contains("_class_name"))  // before the keys it has
    assign(config, network_path, given["_class_name"], culprit + ": ");
  for (const auto& [key, value] : given.items()) {
    const std::string path = prefix.empty() ? key : prefix + "." + key;
    if (is_section(path) && value.is_object())
      merge_section(config, path, value, culprit);
    else if (is_section(path))
      throw Error(culprit + ": " + path + ": must be an object, got " + shown(value));
    else
      assign(config, path, value, culprit + ": ");
  }
}

std::optional<Json> json_in(const std::string& text) {
  try {
    return parse_json(text, "");
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// JSON where it is JSON; "16,32,64" as an array; else the text itself.
Json value_from_text(const std::string& text) {
  if (auto json = json_in(text)) return *std::move(json);
  Json array = Json::array();
  for (const std::string& part : split(text, ',')) {
    const auto number = json_in(part);
    if (!number || !number->is_number()) return text;
    array.push_back(*number);
  }
  return array;
}

}  // namespace

std::span<const Setting> settings() { return rows; }

Json default_config() {
  Json config;
  for (const Setting& row : rows) config[pointer(row.path)] = Json::parse(row.fallback);
  config[model_section] = default_network(networks().front());
  return config;
}

void merge_config(Json& config, const Json& given, const std::string& culprit) {
  if (!given.is_object()) throw Error(culprit + ": must be a JSON object");
  merge_section(config, "", given, culprit);
}

void set_config(Json& config, const std::string& assignment) {
  const auto equals = assignment.find('=');
  if (equals == assignment.npos || equals == 0)
    throw Error("`set` " + assignment + ": must be key.path=value, such as train.lr=1e-3");
  assign(config, assignment.substr(0, equals), value_from_text(assignment.substr(equals + 1)),
         "`set` ");
}

void set_config(Json& config, const std::string& path, const std::string& value) {
  assign(config, path, value_from_text(value), "");
}

double share_of(const Json& validation) {
  return validation.is_number() ? number_from_json(validation, "data.validation") : 0;
}

std::optional<std::string> model_difference(const Json& then, const Json& now) {
  const Json& before = then[model_section];
  const Json& after = now[model_section];
  for (const auto& [key, value] : after.items())
    if (!before.contains(key) || before[key] != value)
      return "model." + key + " (" + (before.contains(key) ? shown(before[key]) : "not given") +
             ", not " + shown(value) + ")";
  return std::nullopt;
}

std::optional<std::string> fixed_difference(const Json& then, const Json& now) {
  if (const auto difference = model_difference(then, now)) return difference;
  for (const std::string path : {"data.size",
                                 "data.crop",
                                 "data.channels",
                                 "data.alpha",
                                 "data.orient",
                                 "data.16_bit",
                                 "data.offset",
                                 "data.scale",
                                 "data.flip",
                                 "data.shift",
                                 "data.labels",
                                 "data.validation",
                                 "objective.prediction",
                                 "objective.weight",
                                 "objective.loss",
                                 "objective.levels",
                                 "objective.label_dropout",
                                 "train.ema",
                                 "train.ema_power",
                                 "train.snapshots_every",
                                 "train.seed"}) {
    const auto at = pointer(path);
    const Json before = then.contains(at) ? then[at] : Json();
    const Json& after = now[at];
    if (path == "data.validation" && share_of(before) == share_of(after)) continue;
    if (before != after) return path + " (" + shown(before) + ", not " + shown(after) + ")";
  }
  return std::nullopt;
}

}  // namespace diffusion
