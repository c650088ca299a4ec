// From a spec string to a component, by a list of rows.
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

/// Finds the row that `spec` names and calls its factory; rows have `name` and
/// `make(Params&)`. Errors name `what` ("decay") and list what there is.
template <class Row>
auto make_from(std::span<const Row> rows, const std::string& spec, const std::string& what) {
  Params params(spec);
  const auto row = std::ranges::find(rows, std::string_view(params.name()), &Row::name);
  if (row == rows.end()) {
    std::vector<std::string> names;
    for (const Row& each : rows) names.emplace_back(each.name);
    throw Error("unknown " + what + " '" + params.name() + "' (have: " + join(names, ", ") + ")");
  }
  auto made = row->make(params);
  params.finish();
  return made;
}

}  // namespace diffusion
