// Matches classes that two sources name or number differently.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace diffusion {

struct Classes {
  std::size_t count = 0;
  std::vector<std::string> names = {};  // by number; may be empty
};

/// The number among `ours` of each of `theirs`: by name where both have names, else the
/// same. Throws Error, opened by `culprit`, for a class that is none of ours.
std::vector<int> match_classes(const Classes& theirs, const Classes& ours,
                               const std::string& culprit);

}  // namespace diffusion
