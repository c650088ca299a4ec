// Finds a row by its name in a registry, the list of all components of one kind.
#pragma once
#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/base/params.hpp"
#include "lib/base/text.hpp"

namespace diffusion {

/// What other programs call a row: {"euler-a", "euler-ancestral"}, {"ddpm", "ddim:eta=1"}.
/// A type of rows that has them says so by `static std::span<const Synonym> synonyms()`.
struct Synonym {
  std::string_view name;  // in lower case, with hyphens
  std::string_view spec;  // the row, with the parameters that make it the same
};

/// A name as all are compared: "DPMPP_2M" and "dpmpp-2m" are one.
inline std::string comparable_name(std::string_view name) {
  std::string text(name);
  for (char& c : text) c = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? char(c + 'a' - 'A') : c;
  return text;
}

template <class Row>
std::span<const Synonym> synonyms_of() {
  if constexpr (requires { Row::synonyms(); }) return Row::synonyms();
  return {};
}

/// The spec of a synonym with ":key=value,..." that was given to it, which beats its own.
std::string with_params(std::string_view synonym, std::string_view params);

/// `spec` under the name that its row has: "dpm++_2m" -> "dpmpp-2m",
/// "ddpm:k=1" -> "ddim:eta=1,k=1", "ddpm:eta=0" -> "ddim:eta=0". Names that nobody has stay as
/// they are.
template <class Row>
std::string canonical_spec(std::span<const Row> rows, std::string_view spec) {
  const std::string_view name = spec.substr(0, spec.find(':'));
  const std::string_view rest = spec.substr(name.size());
  if (std::ranges::find(rows, name, &Row::name) != rows.end()) return std::string(spec);
  const std::string wanted = comparable_name(name);
  for (const Row& row : rows)
    if (comparable_name(row.name) == wanted) return std::string(row.name) + std::string(rest);
  for (const Synonym& synonym : synonyms_of<Row>())
    if (synonym.name == wanted) return with_params(synonym.spec, rest);
  return std::string(spec);
}

/// The row of that name. The Error names `what` ("sampler") and lists what there is.
template <class Row>
const Row& find_row(std::span<const Row> rows, std::string_view name, std::string_view what) {
  const auto row = std::ranges::find(rows, name, &Row::name);
  if (row != rows.end()) return *row;
  std::vector<std::string> names;
  for (const Row& each : rows) names.emplace_back(each.name);
  throw Error("unknown " + std::string(what) + " '" + std::string(name) +
              "' (have: " + join(names, ", ") + ")");
}

/// The parameters of a spec, under the name of its row.
template <class Row>
Params params_of_row(std::span<const Row> rows, std::string_view spec) {
  return Params(canonical_spec(rows, spec));
}

/// The parameters that a row knows.
template <class Row, class... More>
std::vector<Parameter> parameters_of(const Row& row, const More&... more) {
  return asked_of(Params(row.name), [&](Params& params) { (void)row.make(params, more...); });
}

/// From a spec string to a component: rows have `name` and `make(Params&, more...)`.
template <class Row, class... More>
auto make_from(std::span<const Row> rows, std::string_view spec, std::string_view what,
               const More&... more) {
  Params params = params_of_row(rows, spec);
  auto made = find_row(rows, params.name(), what).make(params, more...);
  params.finish();
  return made;
}

}  // namespace diffusion
