#include "lib/models/config_keys.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"

namespace diffusion {

ConfigKeys::ConfigKeys(const Json& config, std::string network)
    : config_(config), network_(std::move(network)) {
  if (!config.is_object()) throw Error("model config: must be a JSON object");
}

const Json* ConfigKeys::find(const std::string& key) {
  known_.push_back(key);
  const auto at = config_.find(key);
  return at == config_.end() ? nullptr : &*at;
}

void ConfigKeys::refuse(const std::string& key, const std::string& why) const {
  const auto at = config_.find(key);
  throw Error("model config: " + key + " " + why +
              (at == config_.end() ? "" : ", got " + at->dump()));
}

std::int64_t ConfigKeys::positive(const std::string& key, std::int64_t fallback) {
  const Json* const value = find(key);
  if (!value) return fallback;
  if (!value->is_number_integer() || value->get<std::int64_t>() < 1)
    refuse(key, "must be a positive integer");
  return value->get<std::int64_t>();
}

std::optional<std::int64_t> ConfigKeys::positive_or_null(const std::string& key,
                                                         std::optional<std::int64_t> fallback) {
  const Json* const value = find(key);
  if (!value) return fallback;
  if (value->is_null()) return std::nullopt;
  known_.pop_back();
  return positive(key, 1);
}

double ConfigKeys::number(const std::string& key, double fallback) {
  const Json* const value = find(key);
  if (!value) return fallback;
  if (!value->is_number()) refuse(key, "must be a number");
  return value->get<double>();
}

bool ConfigKeys::flag(const std::string& key, bool fallback) {
  const Json* const value = find(key);
  if (!value) return fallback;
  if (!value->is_boolean()) refuse(key, "must be true or false");
  return value->get<bool>();
}

std::size_t ConfigKeys::one_of(const std::string& key, const std::vector<Json>& supported) {
  const Json* const value = find(key);
  if (!value) return 0;
  const auto at = std::ranges::find(supported, *value);
  if (at != supported.end()) return std::size_t(at - supported.begin());
  std::vector<std::string> names;
  for (const Json& each : supported) names.push_back(each.dump());
  refuse(key, "can be " + join(names, " or ") + " here");
}

std::vector<bool> ConfigKeys::blocks(const std::string& key, const std::vector<std::string>& names,
                                     std::vector<bool> fallback) {
  const Json* const value = find(key);
  if (!value) return fallback;
  const auto is_second = [&](const Json& entry) {
    const auto at =
        entry.is_string() ? std::ranges::find(names, entry.get<std::string>()) : names.end();
    if (at == names.end()) refuse(key, "can hold " + join(names, " and ") + " here");
    return at != names.begin();
  };
  if (!value->is_array()) refuse(key, "must be an array of block names");
  std::vector<bool> second;
  for (const Json& entry : *value) second.push_back(is_second(entry));
  return second;
}

void ConfigKeys::finish() const {
  for (const auto& [key, value] : config_.items()) {
    if (key.starts_with("_") || std::ranges::find(known_, key) != known_.end()) continue;
    const auto meant = nearest(key, known_);
    throw Error("model config: no key '" + key + "' in " + network_ +
                (meant ? " (did you mean '" + *meant + "'?)" : ""));
  }
}

}  // namespace diffusion
