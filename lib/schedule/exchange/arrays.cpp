#include "lib/schedule/exchange/arrays.hpp"

#include <algorithm>
#include <cmath>

#include "lib/base/error.hpp"
#include "lib/base/file_kind.hpp"
#include "lib/base/text.hpp"
#include "lib/schedule/number_list.hpp"

namespace diffusion {
namespace {

struct QuantityName {
  std::string_view name;
  Quantity quantity;
};

constexpr QuantityName quantity_names[] = {
    {"betas", Quantity::betas},           {"beta", Quantity::betas},
    {"alpha_bars", Quantity::alpha_bars}, {"alpha_bar", Quantity::alpha_bars},
    {"sigmas", Quantity::sigmas},         {"alphas_cumprod", Quantity::alpha_bars},
    {"sigma", Quantity::sigmas},          {"log_snr", Quantity::log_snr},
};

std::vector<std::string> names_of(Quantity quantity) {
  std::vector<std::string> names;
  for (const auto& row : quantity_names)
    if (row.quantity == quantity) names.emplace_back(row.name);
  return names;
}

std::optional<Quantity> first_known(const std::vector<std::string>& headings) {
  for (const std::string& heading : headings)
    if (const auto quantity = quantity_named(heading)) return quantity;
  return std::nullopt;
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
  const auto row = std::ranges::find(quantity_names, name, &QuantityName::name);
  return row == std::end(quantity_names) ? std::nullopt : std::optional(row->quantity);
}

std::string column_of(Quantity quantity) {
  switch (quantity) {
    case Quantity::betas:
      return "beta";
    case Quantity::alpha_bars:
      return "alpha_bar";
    case Quantity::sigmas:
      return "sigma";
    case Quantity::log_snr:
      return "log_snr";
  }
  __builtin_unreachable();
}

std::string usual_column(const Schedule& schedule) {
  return column_of(schedule.path == Path::variance_preserving ? Quantity::betas : Quantity::sigmas);
}

PlainArray parse_list(const std::string& text, std::optional<Quantity> wanted,
                      const std::string& culprit) {
  if (text.find('\0') != text.npos)
    throw Error(culprit + ": is binary, neither .npy nor JSON nor text");
  const auto headings = is_json(file_kind(text)) ? std::vector<std::string>{} : headings_of(text);
  PlainArray array{.quantity = wanted ? wanted : first_known(headings), .values = {}};
  if (!array.quantity && headings.empty()) return array;
  if (!array.quantity)
    throw Error(culprit + ": no column of a known name among " + join(headings, ", ") +
                " (known: betas, alpha_bars, sigmas, log_snr and their names elsewhere)");
  // The only column may have any name, once it is said what it holds.
  const bool free = headings.size() == 1 && wanted;
  array.values = numbers_in_text(text, free ? headings : names_of(*array.quantity), culprit);
  const std::vector<std::string> timesteps{"timestep", "timesteps"};
  if (std::ranges::find_first_of(headings, timesteps) != headings.end())
    array.timesteps = numbers_in_text(text, timesteps, culprit);
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
