#include "tools/steps.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"

namespace diffusion::cli {
namespace {

struct Range {
  std::int64_t from, to, stride;
};

Range parse_range(const std::string& culprit, const std::string& word) {
  std::vector<std::int64_t> numbers;
  for (const auto& part : split(word, ':')) {
    const auto number = parse_integer(part);
    if (!number) throw Error(culprit + ": needs steps, such as 500 or 100,500,900 or 0:1000:100");
    numbers.push_back(*number);
  }
  if (numbers.size() > 3) throw Error(culprit + ": a range is FROM:TO or FROM:TO:STRIDE");
  if (numbers.size() == 1) numbers.push_back(numbers[0]);
  if (numbers.size() == 2) numbers.push_back(1);
  if (numbers[2] < 1 || numbers[1] < numbers[0])
    throw Error(culprit + ": a range runs upwards: FROM:TO:STRIDE");
  return {numbers[0], numbers[1], numbers[2]};
}

}  // namespace

std::vector<std::int64_t> parse_steps(const std::string& flag, const std::string& list,
                                      std::int64_t highest) {
  std::vector<std::int64_t> steps;
  for (const auto& word : split(list, ',')) {
    const std::string culprit = flag + " " + word;
    const Range range = parse_range(culprit, word);
    if (range.from < 0 || range.to > highest)
      throw Error(culprit + ": the schedule has steps 1.." + std::to_string(highest) +
                  " (0 is clean)");
    for (std::int64_t t = range.from; t <= range.to; t += range.stride) steps.push_back(t);
  }
  auto sorted = steps;
  std::ranges::sort(sorted);
  const auto twice = std::ranges::adjacent_find(sorted);
  if (twice != sorted.end()) throw Error(flag + ": step " + std::to_string(*twice) + " twice");
  return steps;
}

}  // namespace diffusion::cli
