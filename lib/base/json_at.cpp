#include "lib/base/json_at.hpp"

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"

namespace diffusion {

JsonAt::JsonAt(const Json& json, std::string culprit, std::string path)
    : json_(&json), culprit_(std::move(culprit)), path_(std::move(path)) {}

std::string JsonAt::place() const {
  std::string place;
  for (const std::string& part : {culprit_, path_})
    if (!part.empty()) place += part + ": ";
  return place;
}

void JsonAt::refuse(const std::string& rule) const {
  throw Error(place() + "must be " + rule + ", got " + shown(*json_));
}

const Json& JsonAt::object() const {
  if (!json_->is_object()) refuse("a JSON object");
  return *json_;
}

JsonAt JsonAt::operator[](const std::string& key) const {
  const auto found = object().find(key);
  if (found == json_->end()) throw Error(place() + "has no key '" + key + "'");
  return {*found, culprit_, path_.empty() ? key : path_ + "." + key};
}

std::optional<JsonAt> JsonAt::find(const std::string& key) const {
  const auto found = object().find(key);
  if (found == json_->end() || found->is_null()) return std::nullopt;
  return (*this)[key];
}

std::vector<JsonAt> JsonAt::array() const {
  if (!json_->is_array()) refuse("an array");
  std::vector<JsonAt> values;
  for (const Json& each : *json_)
    values.push_back({each, culprit_, path_ + "[" + std::to_string(values.size()) + "]"});
  return values;
}

std::int64_t JsonAt::whole(std::int64_t least, std::int64_t most) const {
  const bool fits =
      json_->is_number_integer() &&
      (!json_->is_number_unsigned() || json_->get<std::uint64_t>() <= std::uint64_t(most_whole));
  const std::int64_t value = fits ? json_->get<std::int64_t>() : 0;
  if (!fits || value < least || value > most)
    refuse("a whole number from " + std::to_string(least) +
           (most == most_whole ? "" : " to " + std::to_string(most)));
  return value;
}

std::uint64_t JsonAt::whole_64() const {
  if (!json_->is_number_unsigned()) refuse("a whole number below 2^64");
  return json_->get<std::uint64_t>();
}

namespace {

std::optional<double> number_in(const Json& json) {
  const bool special = json == "NaN" || json == "Infinity" || json == "-Infinity";
  if (!special && !json.is_number()) return std::nullopt;
  return number_from_json(json, "");
}

}  // namespace

double JsonAt::number() const {
  const auto value = number_in(*json_);
  if (!value) refuse("a number");
  return *value;
}

bool JsonAt::flag() const {
  if (!json_->is_boolean()) refuse("true or false");
  return json_->get<bool>();
}

std::string JsonAt::text() const {
  if (!json_->is_string()) refuse("a string");
  return json_->get<std::string>();
}

std::vector<double> JsonAt::numbers() const {
  if (!json_->is_array() || json_->empty()) refuse("an array of numbers");
  std::vector<double> values;
  values.reserve(json_->size());
  for (const Json& each : *json_) {  // places are put together only where one is needed
    const auto value = number_in(each);
    values.push_back(value ? *value : array()[values.size()].number());
  }
  return values;
}

std::vector<std::string> JsonAt::texts() const {
  std::vector<std::string> values;
  for (const JsonAt& each : array()) values.push_back(each.text());
  return values;
}

std::string shown(const Json& json) {
  constexpr std::size_t most = 80;
  const std::string text = one_line(json);
  return text.size() <= most ? text : printable(text.substr(0, most)) + "...";
}

}  // namespace diffusion
