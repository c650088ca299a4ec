// A value of JSON that others wrote, looked into by one who knows where it stands.
#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/json.hpp"

namespace diffusion {

/// Every look says what belongs there. Where something else is, or nothing, it throws
/// Error, which names the file and the keys that lead there:
/// m.safetensors: config.train.batch: must be a whole number from 1 to 100, got "x".
/// The JSON must outlive it.
class JsonAt {
 public:
  /// `culprit` is the file ("" where there is none), `path` leads to `json` in it.
  JsonAt(const Json& json, std::string culprit, std::string path = "");

  const Json& json() const { return *json_; }

  /// The value of a key, which must be there; the rest of this must be an object.
  JsonAt operator[](const std::string& key) const;
  /// Nothing where the key is missing or null.
  std::optional<JsonAt> find(const std::string& key) const;
  /// An object, and the values of an array.
  const Json& object() const;
  std::vector<JsonAt> array() const;

  static constexpr std::int64_t most_whole = std::numeric_limits<std::int64_t>::max();
  std::int64_t whole(std::int64_t least = 0, std::int64_t most = most_whole) const;
  std::uint64_t whole_64() const;  // all 64 bits, as seeds have
  double number() const;           // also NaN and the infinities
  bool flag() const;
  std::string text() const;
  std::vector<double> numbers() const;  // at least one
  std::vector<std::string> texts() const;

  /// "CULPRIT: PATH: must be RULE, got VALUE".
  [[noreturn]] void refuse(const std::string& rule) const;

 private:
  std::string place() const;

  const Json* json_;
  std::string culprit_, path_;
};

/// A value as messages show it: on one line, and not more than the beginning of a long one.
std::string shown(const Json& json);

}  // namespace diffusion
