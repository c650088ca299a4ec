// What diff-sample invert --check prints.
#pragma once
#include <iosfwd>
#include <vector>

#include "lib/base/json.hpp"
#include "lib/sample/round_trip.hpp"

namespace diffusion {

void print_table(std::ostream& out, const std::vector<RoundTrip>& trips);

/// `about` the walk, and the same.
Json to_json(const std::vector<RoundTrip>& trips, Json about);

}  // namespace diffusion
