#include "tools/cli/values.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <limits>

#include "lib/base/text.hpp"

namespace diffusion::cli {
namespace {

std::string whole_number(const std::string& text, std::uint64_t least, std::uint64_t most) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, value);
  if (failure == std::errc{} && stop == end && value >= least && value <= most) return "";
  const std::string highest = most == ~std::uint64_t(0) ? "2^64 - 1" : std::to_string(most);
  return "'" + text + "' is not a whole number from " + std::to_string(least) + " to " + highest;
}

std::string signed_number(const std::string& text, std::int64_t least, std::int64_t most) {
  const auto value = parse_integer(text);
  if (value && *value >= least && *value <= most) return "";
  return "'" + text + "' is not a whole number from " + std::to_string(least) + " to " +
         std::to_string(most);
}

Values numbers(const std::string& called, double least, double most) {
  return {.check = [=](const std::string& text) -> std::string {
    const auto value = parse_number(text);
    const bool fine = value && *value >= least && *value <= most;
    return fine ? "" : "'" + text + "' is not " + called;
  }};
}

constexpr double largest = std::numeric_limits<double>::max();

}  // namespace

std::string Values::in_words() const {
  std::string text;
  for (std::size_t i = 0; i < choices.size(); ++i)
    text += (i == 0 ? "" : i + 1 == choices.size() ? " or " : ", ") + choices[i].name;
  return text;
}

Values files(std::vector<std::string> endings) {
  return {.paths = true, .endings = std::move(endings)};
}

Values words(std::vector<std::string> names) {
  Values values;
  for (std::string& name : names) values.choices.push_back({.name = std::move(name)});
  values.canonical = [choices = values.choices](const std::string& text) {
    std::error_code none;
    for (const Choice& choice : choices)
      if (comparable_name(choice.name) == comparable_name(text) &&
          !std::filesystem::exists(text, none))
        return choice.name;
    return text;
  };
  return values;
}

Values one_of(std::vector<std::string> names) {
  Values values = words(std::move(names));
  values.check = [choices = values.choices, have = values.in_words()](const std::string& text) {
    const bool known = std::ranges::find(choices, text, &Choice::name) != choices.end();
    return known ? std::string() : "'" + text + "' is not " + have;
  };
  values.canonical = [choices = values.choices](const std::string& text) {
    for (const Choice& choice : choices)
      if (comparable_name(choice.name) == comparable_name(text)) return choice.name;
    return text;
  };
  return values;
}

Values whole(std::uint64_t least, std::uint64_t most) {
  return {.check = [=](const std::string& text) { return whole_number(text, least, most); }};
}

Values whole_signed(std::int64_t least, std::int64_t most) {
  return {.check = [=](const std::string& text) { return signed_number(text, least, most); }};
}

Values number() {
  const double no_limit = std::numeric_limits<double>::infinity();
  return numbers("a number", -no_limit, no_limit);
}

Values not_negative() { return numbers("a number from 0 up", 0, largest); }

Values share() { return numbers("a number from 0 to 1", 0, 1); }

Values several(Values one) {
  one.several = true;
  return one;
}

Values several_or_all(Values one) {
  one.all = "all";
  one.canonical = [all = one.all, of_one = one.canonical](const std::string& text) {
    if (comparable_name(text) == all) return all;
    return of_one ? of_one(text) : text;
  };
  return several(std::move(one));
}

Values parameters(const std::vector<Parameter>& known) {
  Values values{.several = true, .pairs = true};
  for (const Parameter& each : known)
    values.choices.push_back(
        {.name = each.key, .then = [each] { return each.file ? files() : words(each.choices); }});
  return values;
}

Values or_files(Values names, std::vector<std::string> endings) {
  names.paths = true;
  names.endings = std::move(endings);
  return names;
}

}  // namespace diffusion::cli
