// The configuration of a network, read key by key.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/json_at.hpp"

namespace diffusion {

/// Hands out a configuration's values and remembers which keys were asked for, so that
/// finish() can refuse the rest. Each member takes one key; a missing key takes the
/// fallback. Values of another kind throw Error: "model config: KEY must be ...".
class ConfigKeys {
 public:
  /// `config` must outlive it; `network` is named by errors. Throws Error unless
  /// `config` is an object.
  ConfigKeys(const Json& config, std::string network);

  /// Nothing where the key is missing; null is a value of its own.
  std::optional<JsonAt> find(const std::string& key);

  /// A whole number from 1 to `most`, which is what may be looped over and allocated for.
  static constexpr std::int64_t usual_most = 1 << 16;
  std::int64_t positive(const std::string& key, std::int64_t fallback,
                        std::int64_t most = usual_most);
  std::optional<std::int64_t> positive_or_null(const std::string& key,
                                               std::optional<std::int64_t> fallback,
                                               std::int64_t most = usual_most);
  double number(const std::string& key, double fallback);
  bool flag(const std::string& key, bool fallback);
  /// "dropout": how often a feature is left out in training, in [0, 1), 0 unless given.
  double dropout();

  /// The index of the value among those that are `supported`; the first is the fallback.
  std::size_t one_of(const std::string& key, const std::vector<Json>& supported);
  /// An array of names among `names`: the index of each.
  std::vector<std::size_t> blocks(const std::string& key, const std::vector<std::string>& names,
                                  std::vector<std::size_t> fallback);

  /// Throws Error for the first key that nobody asked for, unless it begins with "_".
  void finish() const;

  /// All that was asked for, in that order.
  const std::vector<std::string>& known() const { return known_; }

  /// "model config: KEY: must be RULE, got VALUE", or "..., which is missing".
  [[noreturn]] void refuse(const std::string& key, const std::string& rule) const;

 private:
  const Json& config_;
  std::string network_;
  std::vector<std::string> known_;
};

}  // namespace diffusion
