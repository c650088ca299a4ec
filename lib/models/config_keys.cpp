#include "lib/models/config_keys.hpp"

#include <algorithm>
#include <cmath>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

constexpr const char* culprit = "model config";

}  // namespace

ConfigKeys::ConfigKeys(const Json& config, std::string network)
    : config_(config), network_(std::move(network)) {
  JsonAt(config, culprit).object();
}

std::optional<JsonAt> ConfigKeys::find(const std::string& key) {
  known_.push_back(key);
  if (!config_.contains(key)) return std::nullopt;
  return JsonAt(config_, culprit)[key];
}

void ConfigKeys::refuse(const std::string& key, const std::string& rule) const {
  if (config_.contains(key)) JsonAt(config_, culprit)[key].refuse(rule);
  throw Error(std::string(culprit) + ": " + key + ": must be " + rule + ", which is missing");
}

std::int64_t ConfigKeys::positive(const std::string& key, std::int64_t fallback,
                                  std::int64_t most) {
  const auto value = find(key);
  return value ? value->whole(1, most) : fallback;
}

std::optional<std::int64_t> ConfigKeys::positive_or_null(const std::string& key,
                                                         std::optional<std::int64_t> fallback,
                                                         std::int64_t most) {
  const auto value = find(key);
  if (!value) return fallback;
  if (value->json().is_null()) return std::nullopt;
  return value->whole(1, most);
}

double ConfigKeys::number(const std::string& key, double fallback) {
  const auto value = find(key);
  if (!value) return fallback;
  if (!std::isfinite(value->number())) value->refuse("a finite number");
  return value->number();
}

double ConfigKeys::dropout() {
  const double rate = number("dropout", 0);
  if (!(rate >= 0 && rate < 1)) refuse("dropout", "a number in [0, 1)");
  return rate;
}

bool ConfigKeys::flag(const std::string& key, bool fallback) {
  const auto value = find(key);
  return value ? value->flag() : fallback;
}

std::size_t ConfigKeys::one_of(const std::string& key, const std::vector<Json>& supported) {
  const auto value = find(key);
  if (!value) return 0;
  const auto at = std::ranges::find(supported, value->json());
  if (at != supported.end()) return std::size_t(at - supported.begin());
  std::vector<std::string> names;
  for (const Json& each : supported) names.push_back(shown(each));
  value->refuse(join(names, " or ") + " here");
}

std::vector<std::size_t> ConfigKeys::blocks(const std::string& key,
                                            const std::vector<std::string>& names,
                                            std::vector<std::size_t> fallback) {
  const auto value = find(key);
  if (!value) return fallback;
  std::vector<std::size_t> indices;
  for (const JsonAt& entry : value->array()) {
    const auto at = std::ranges::find(names, entry.text());
    if (at == names.end()) entry.refuse(join(names, " or ") + " here");
    indices.push_back(std::size_t(at - names.begin()));
  }
  return indices;
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
