#include "lib/schedule/arrays.hpp"

#include <algorithm>
#include <cmath>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

/// The words of a line: commas and tabs separate, blanks around words do not count;
/// a line with neither is split at blanks.
std::vector<std::string> words_of(const std::string& line) {
  char separator = ' ';
  for (const char candidate : {',', ';', '\t'})
    if (line.find(candidate) != line.npos) separator = candidate;
  std::vector<std::string> words;
  for (const std::string& part : split(line, separator)) {
    const auto from = part.find_first_not_of(" \t\""), to = part.find_last_not_of(" \t\"");
    if (from != part.npos)
      words.push_back(part.substr(from, to - from + 1));
    else if (separator != ' ')
      words.emplace_back();
  }
  return words;
}

bool all_numbers(const std::vector<std::string>& words) {
  return std::ranges::all_of(words,
                             [](const auto& word) { return parse_number(word).has_value(); });
}

/// Which columns of a table hold what.
struct Layout {
  std::size_t columns = 1, values = 0;
  std::optional<std::size_t> timesteps = {};
  std::optional<Quantity> quantity = {};
};

Layout layout_from_names(const std::vector<std::string>& names, std::optional<Quantity> wanted,
                         const std::string& culprit) {
  Layout layout{.columns = names.size()};
  for (std::size_t c = 0; c < names.size(); ++c) {
    const auto quantity = quantity_named(names[c]);
    const bool fits = quantity && (!wanted || quantity == wanted);
    if (fits && !layout.quantity) layout.quantity = quantity, layout.values = c;
    if (names[c] == "timestep" || names[c] == "timesteps") layout.timesteps = c;
  }
  if (!layout.quantity && wanted && names.size() == 1) layout.quantity = wanted;
  if (!layout.quantity)
    throw Error(culprit + ": no column of " + (wanted ? "that name" : "a known name") + " among " +
                join(names, ", ") +
                " (known: betas, alpha_bars, sigmas, log_snr and their names elsewhere)");
  return layout;
}

Layout layout_without_names(std::size_t columns, const std::string& culprit) {
  if (columns != 1)
    throw Error(culprit + ": has " + std::to_string(columns) +
                " columns without names; a first line must name them");
  return {};
}

/// Noisiest first, as samplers keep them: turned round, without the clean end.
void turn_round(PlainArray& array) {
  auto& values = array.values;
  if (values.size() < 2 || !std::ranges::is_sorted(values, std::greater{}) ||
      values.front() == values.back())
    return;
  if (values.back() == 0) {
    values.pop_back();
    if (array.timesteps.size() > values.size()) array.timesteps.pop_back();
  }
  std::ranges::reverse(values);
  std::ranges::reverse(array.timesteps);
}

/// Half of each; throws Error where they do not fall.
std::vector<double> lambdas_from_log_snr(std::vector<double> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i]) || (i > 0 && !(values[i] < 2 * values[i - 1])))
      throw Error("log_snr[" + std::to_string(i) + "] (t = " + std::to_string(i + 1) +
                  "): " + shortest(values[i]) + " where it must fall with t");
    values[i] /= 2;
  }
  return values;
}

Schedule from_quantity(const PlainArray& array, Path path) {
  switch (*array.quantity) {
    case Quantity::betas:
      return from_betas(array.values);
    case Quantity::alpha_bars:
      return from_alpha_bars(array.values);
    case Quantity::sigmas:
      return from_sigmas(path, array.values);
    case Quantity::log_snr:
      return from_lambdas(path, lambdas_from_log_snr(array.values));
  }
  __builtin_unreachable();
}

}  // namespace

std::optional<Quantity> quantity_named(std::string_view name) {
  struct Row {
    std::string_view name;
    Quantity quantity;
  };
  static constexpr Row rows[] = {
      {"betas", Quantity::betas},
      {"beta", Quantity::betas},
      {"alpha_bars", Quantity::alpha_bars},
      {"alpha_bar", Quantity::alpha_bars},
      {"alphas_cumprod", Quantity::alpha_bars},
      {"sigmas", Quantity::sigmas},
      {"sigma", Quantity::sigmas},
      {"log_snr", Quantity::log_snr},
  };
  const auto row = std::ranges::find(rows, name, &Row::name);
  return row == std::end(rows) ? std::nullopt : std::optional(row->quantity);
}

PlainArray parse_separated(std::string_view text, std::optional<Quantity> wanted,
                           const std::string& culprit) {
  std::optional<Layout> layout;
  PlainArray array{.quantity = wanted, .values = {}};
  int number = 0;
  for (std::string& line : split(text, '\n')) {
    ++number;
    if (line.ends_with('\r')) line.pop_back();
    const auto words = words_of(line);
    if (words.empty() || words[0].starts_with('#')) continue;
    const bool names = !layout && !all_numbers(words);
    if (!layout)
      layout = names ? layout_from_names(words, wanted, culprit)
                     : layout_without_names(words.size(), culprit);
    if (layout->quantity) array.quantity = layout->quantity;
    if (names) continue;
    const std::string where = culprit + ": line " + std::to_string(number);
    if (words.size() != layout->columns)
      throw Error(where + " has " + std::to_string(words.size()) + " columns, not " +
                  std::to_string(layout->columns));
    const auto cell = [&](std::size_t c) {
      if (const auto value = parse_number(words[c])) return *value;
      throw Error(where + ": '" + words[c] + "' is not a number");
    };
    array.values.push_back(cell(layout->values));
    if (layout->timesteps) array.timesteps.push_back(cell(*layout->timesteps));
  }
  return array;
}

Schedule from_array(PlainArray array, Path path) {
  if (array.values.empty()) throw Error("a schedule needs at least one number");
  if (array.values.size() > std::size_t(max_steps))
    throw Error(std::to_string(array.values.size()) + " numbers, where a schedule has at most " +
                std::to_string(max_steps));
  const bool of_betas = array.quantity == Quantity::betas || array.quantity == Quantity::alpha_bars;
  if (of_betas && path != Path::variance_preserving)
    throw Error("betas and alpha_bars are of process vp");
  if (array.quantity == Quantity::sigmas && path == Path::variance_preserving)
    throw Error("sigmas are of process ve or flow: say which");
  if (array.quantity == Quantity::sigmas) turn_round(array);
  Schedule made = from_quantity(array, path);
  for (std::size_t i = 0; i < array.timesteps.size(); ++i)
    made.levels[i].timestep = array.timesteps[i];
  return made;
}

}  // namespace diffusion
