#include "lib/train/class_match.hpp"

#include <algorithm>
#include <numeric>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"

namespace diffusion {

std::vector<int> match_classes(const Classes& theirs, const Classes& ours,
                               const std::string& culprit) {
  std::vector<int> numbers(theirs.count);
  std::iota(numbers.begin(), numbers.end(), 0);
  if (theirs.names.empty() || ours.names.empty()) {
    if (theirs.count > ours.count)
      throw Error(culprit + ": has a label " + std::to_string(theirs.count - 1) +
                  " where the model knows 0 to " + std::to_string(ours.count - 1));
    return numbers;
  }
  for (std::size_t i = 0; i < theirs.names.size(); ++i) {
    const auto at = std::ranges::find(ours.names, theirs.names[i]);
    if (at == ours.names.end())
      throw Error(culprit + ": has a class '" + theirs.names[i] +
                  "' that the model does not know (has: " + join(ours.names, ", ") + ")");
    numbers[i] = int(at - ours.names.begin());
  }
  return numbers;
}

}  // namespace diffusion
