// What a compiled program takes and gives: all that its caller must match.
#pragma once
#include <utility>
#include <vector>

#include "lib/xla/shape.hpp"

namespace diffusion::xla {

struct Signature {
  std::vector<Shape> parameters, results;
  std::vector<std::pair<int, int>> donated = {};  // (parameter, the result that takes its array)
  bool operator==(const Signature&) const = default;
};

}  // namespace diffusion::xla
