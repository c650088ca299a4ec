#include "lib/base/params.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/registry.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

/// Reads one value off the front of `rest`: up to a comma, or a quoted string.
std::string take_value(const std::string& name, std::string_view& rest) {
  if (!rest.starts_with('"')) {
    const auto value = rest.substr(0, rest.find(','));
    rest.remove_prefix(value.size());
    return std::string(value);
  }
  std::string value;
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '"') {
      rest.remove_prefix(i + 1);
      if (!rest.empty() && rest.front() != ',')
        throw Error(name + ": expected ',' after the closing quote, got '" + std::string(rest) +
                    "'");
      return value;
    }
    if (rest[i] == '\\' && i + 1 < rest.size()) ++i;
    value += rest[i];
  }
  throw Error(name + ": a quoted value does not end");
}

/// "euler,churn=1" or "euler=1".
[[noreturn]] void refuse_without_colon(std::string spec) {
  const std::string given = spec;
  if (const auto comma = spec.find(','); comma < spec.find('=')) {
    spec[comma] = ':';
    throw Error(given + ": parameters follow a colon, as in " + spec);
  }
  throw Error(given + ": parameters follow a colon, NAME:key=value");
}

/// Parts at commas, but for those in a quoted value, which opens after '='.
std::vector<std::string> split_outside_quotes(std::string_view text) {
  std::vector<std::string> parts(1);
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ',' && !quoted) {
      parts.emplace_back();
      continue;
    }
    if (text[i] == '"') quoted = !quoted && i > 0 && text[i - 1] == '=';
    parts.back() += text[i];
    if (quoted && text[i] == '\\' && i + 1 < text.size()) parts.back() += text[++i];
  }
  return parts;
}

}  // namespace

Params::Params(std::string_view spec) {
  const auto colon = spec.find(':');
  name_ = spec.substr(0, colon);
  if (colon == spec.npos && spec.find('=') != spec.npos) refuse_without_colon(name_);
  if (colon == spec.npos) return;
  std::string_view rest = spec.substr(colon + 1);
  for (;;) {
    const auto equals = rest.find_first_of("=,");
    if (equals == rest.npos || rest[equals] == ',' || equals == 0)
      throw Error(name_ + ": expected key=value, got '" +
                  std::string(rest.substr(0, rest.find(','))) + "'");
    const std::string key(rest.substr(0, equals));
    rest.remove_prefix(equals + 1);
    if (!given_.emplace(key, take_value(name_, rest)).second)
      throw Error(name_ + ": parameter '" + key + "' is given twice");
    if (rest.empty()) return;
    rest.remove_prefix(1);
  }
}

Params::Params(std::string name, std::map<std::string, std::string> given)
    : name_(std::move(name)), given_(std::move(given)) {}

void Params::ask(Parameter parameter) {
  const auto known = std::ranges::find(known_, parameter.key, &Parameter::key);
  if (known == known_.end())
    known_.push_back(std::move(parameter));
  else if (parameter.usual || parameter.file)
    *known = std::move(parameter);
}

bool Params::has(const std::string& key) {
  ask({key});
  return given_.contains(key);
}

std::optional<std::string> Params::take(Parameter parameter) {
  const auto found = given_.find(parameter.key);
  ask(std::move(parameter));
  if (found == given_.end()) return std::nullopt;
  std::string value = std::move(found->second);
  given_.erase(found);
  return value;
}

template <class T>
T Params::keep(const std::string& key, T value) {
  resolved_.emplace_back(key, value);
  return value;
}

double Params::number_in(const std::string& key, const std::string& text) const {
  const auto value = parse_number(text);
  if (!value) refuse(key, "needs a number, got '" + text + "'");
  return *value;
}

double Params::number(const std::string& key, double fallback) {
  const auto given = take({key, fallback});
  return keep(key, given ? number_in(key, *given) : fallback);
}

std::optional<double> Params::number_if_given(const std::string& key,
                                              const std::string& otherwise) {
  const auto given = take({key, otherwise});
  if (given) return keep(key, number_in(key, *given));
  keep(key, otherwise);
  return std::nullopt;
}

std::int64_t Params::integer(const std::string& key, std::int64_t fallback) {
  const auto given = take({key, fallback});
  if (!given) return keep(key, fallback);
  const auto value = parse_integer(*given);
  if (!value) refuse(key, "needs a whole number, got '" + *given + "'");
  return keep(key, *value);
}

std::string Params::text(const std::string& key, const std::string& fallback) {
  return keep(key, take({key, fallback}).value_or(fallback));
}

std::string Params::file(const std::string& key, const std::string& fallback) {
  return keep(key, take({.key = key, .file = true}).value_or(fallback));
}

std::string Params::choice(const std::string& key, std::vector<std::string> choices) {
  const auto given = take({key, choices.front(), choices}).value_or(choices.front());
  const auto chosen = std::ranges::find_if(choices, [&](const std::string& choice) {
    return comparable_name(choice) == comparable_name(given);
  });
  if (chosen == choices.end())
    refuse(key, "needs one of " + join(choices, ", ") + ", got '" + given + "'");
  return keep(key, *chosen);
}

void Params::finish() const {
  if (given_.empty()) return;
  std::vector<std::string> known;
  for (const Parameter& parameter : known_) known.push_back(parameter.key);
  const std::string has = known.empty() ? "it has none" : "has: " + join(known, ", ");
  throw Error(name_ + ": no parameter '" + given_.begin()->first + "' (" + has + ")");
}

void Params::refuse(const std::string& key, const std::string& why) const {
  throw Error(name_ + ": " + key + " " + why);
}

std::vector<Parameter> asked_of(Params params, const std::function<void(Params&)>& make) {
  try {
    make(params);
  } catch (const Error&) {  // it asked for what it cannot do without
  }
  return params.known();
}

std::vector<std::string> split_specs(std::string_view specs) {
  std::vector<std::string> whole;
  for (const std::string& piece : split_outside_quotes(specs)) {
    const auto equals = piece.find('=');
    const bool parameter = equals != piece.npos && piece.find(':') > equals;
    if (parameter && !whole.empty())
      whole.back() += "," + piece;
    else
      whole.push_back(piece);
  }
  return whole;
}

}  // namespace diffusion
