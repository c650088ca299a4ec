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

/// From a spec string to a component: rows have `name` and `make(Params&, more...)`.
template <class Row, class... More>
auto make_from(std::span<const Row> rows, std::string_view spec, std::string_view what,
               const More&... more) {
  Params params(spec);
  auto made = find_row(rows, params.name(), what).make(params, more...);
  params.finish();
  return made;
}

}  // namespace diffusion
