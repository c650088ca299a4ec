// The configuration of a training run: JSON, completed and checked key by key.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lib/base/json.hpp"

namespace diffusion {

/// One key of the configuration; the manual lists the same rows.
struct Setting {
  std::string_view path;      // "train.lr"
  std::string_view fallback;  // JSON text
  std::string_view rule;      // what it must be, for messages
  bool (*valid)(const Json& value);
  /// Of what other programs call it, our name; null where it names nothing.
  std::string (*canonical)(std::string_view name) = nullptr;
};

std::span<const Setting> settings();

/// What train.precision may be besides what the engine computes in: of devices alone.
inline constexpr std::string_view tf32_precision = "tf32";

/// Every setting at its default. `model` holds the keys of the architecture,
/// which the network itself checks.
Json default_config();

/// Lays `given` over `config`. Unknown keys and values that break a rule are
/// errors that open with `culprit` and propose the nearest key.
void merge_config(Json& config, const Json& given, const std::string& culprit);

/// One "key.path=value" on top; the value is JSON, or a text as it stands.
void set_config(Json& config, const std::string& assignment);
void set_config(Json& config, const std::string& path, const std::string& value);

/// What data.validation holds out of the images: nothing where it names others.
double share_of(const Json& validation);

/// What a resumed run may not change, where `now` differs from `then`: the first
/// such path, as "data.flip (false, not true)".
std::optional<std::string> fixed_difference(const Json& then, const Json& now);

/// The first key of the model that differs, likewise.
std::optional<std::string> model_difference(const Json& then, const Json& now);

}  // namespace diffusion
