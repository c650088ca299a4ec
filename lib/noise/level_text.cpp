#include "lib/noise/level_text.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "lib/base/error.hpp"
#include "lib/base/registry.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

struct StepRange {
  std::int64_t from, to, stride;
};

StepRange parse_range(const std::string& culprit, const std::string& word) {
  std::vector<std::int64_t> numbers;
  for (const auto& part : split(word, ':')) {
    const auto number = parse_integer(part);
    if (!number)
      throw Error(culprit + ": needs steps, such as 500 or 100,500,900 or 100:1000:100, or all");
    numbers.push_back(*number);
  }
  if (numbers.size() > 3) throw Error(culprit + ": a range is FROM:TO or FROM:TO:STRIDE");
  if (numbers.size() == 1) numbers.push_back(numbers[0]);
  if (numbers.size() == 2) numbers.push_back(1);
  if (numbers[2] < 1 || numbers[1] < numbers[0])
    throw Error(culprit + ": a range runs upwards: FROM:TO:STRIDE");
  return {numbers[0], numbers[1], numbers[2]};
}

struct Unit {
  const char *name, *right;
  double (*lambda)(double value);
};

constexpr Unit units[] = {  // in the order of LevelUnit
    {"snr", "numbers from 0, such as 10,1,0.1", [](double snr) { return std::log(snr) / 2; }},
    {"ve-sigma", "numbers from 0, such as 0.1,1,10", [](double sigma) { return -std::log(sigma); }},
    {"lambda", "numbers, such as 2,0,-2", [](double lambda) { return lambda; }}};

const Unit& details(LevelUnit unit) { return units[std::size_t(unit)]; }

LevelAsked parse_value(const Unit& unit, const std::string& culprit, const std::string& word,
                       const Schedule& schedule) {
  const auto value = parse_number(word);
  const double lambda = value ? unit.lambda(*value) : NAN;
  if (std::isnan(lambda)) throw Error(culprit + ": needs " + unit.right);
  const NoiseLevel level = schedule.at_lambda(lambda + 0.0);  // not -0
  if (!std::isfinite(level.sigma))
    throw Error(culprit + ": pure noise has no finite scale on the variance-exploding path");
  return {unit.name + shortest(*value), std::nullopt, level};
}

}  // namespace

std::vector<std::int64_t> parse_steps(const std::string& flag, const std::string& list,
                                      std::int64_t highest) {
  std::vector<std::int64_t> steps;
  for (const auto& word : split(list, ',')) {
    const std::string culprit = flag + " " + (word.empty() ? list : word);
    const StepRange range =
        comparable_name(word) == "all" ? StepRange{1, highest, 1} : parse_range(culprit, word);
    if (range.from < 0 || range.to > highest)
      throw Error(culprit + ": the schedule has steps 1.." + std::to_string(highest) +
                  " (0 is clean)");
    for (std::int64_t t = range.from; t <= range.to; t += range.stride) {
      steps.push_back(t);
      if (t > range.to - range.stride) break;  // before it wraps
    }
  }
  auto sorted = steps;
  std::ranges::sort(sorted);
  const auto twice = std::ranges::adjacent_find(sorted);
  if (twice != sorted.end()) throw Error(flag + ": step " + std::to_string(*twice) + " twice");
  return steps;
}

std::vector<LevelAsked> parse_levels(const std::string& flag, LevelUnit unit,
                                     const std::string& list, const Schedule& schedule) {
  std::vector<LevelAsked> levels;
  std::vector<double> lambdas;
  for (const auto& word : split(list, ',')) {
    levels.push_back(parse_value(details(unit), flag + " " + word, word, schedule));
    lambdas.push_back(levels.back().level.lambda);
  }
  std::ranges::sort(lambdas);
  if (std::ranges::adjacent_find(lambdas) != lambdas.end())
    throw Error(flag + " " + list + ": a level twice");
  return levels;
}

LevelAsked parse_level(const std::string& flag, const std::string& text, const Schedule& schedule) {
  const std::string culprit = flag + " " + text;
  const auto equals = text.find('=');
  const std::string name = comparable_name(text.substr(0, equals));
  for (const Unit& unit : units)
    if (equals != text.npos && name == unit.name)
      return parse_value(unit, culprit, text.substr(equals + 1), schedule);
  if (equals != text.npos)
    throw Error(culprit + ": levels are named by ve-sigma (sigma/alpha), snr or lambda, as in " +
                "ve-sigma=2; or by a step t alone");
  const auto t = parse_integer(text);
  if (!t)
    throw Error(culprit + ": needs a step t, or a level such as ve-sigma=2, snr=0.5 or lambda=-1");
  if (*t < 0 || *t > schedule.steps())
    throw Error(culprit + ": the schedule has steps 1.." + std::to_string(schedule.steps()) +
                " (0 is clean)");
  return step_asked(schedule, *t);
}

LevelAsked level_asked(const Schedule& schedule, const NoiseLevel& level) {
  if (level.clean()) return {"t0", 0, level};
  // Lambda falls from level to level.
  const auto at =
      std::ranges::lower_bound(schedule.levels, level.lambda, std::greater(), &NoiseLevel::lambda);
  const bool is_step = at != schedule.levels.end() && at->lambda == level.lambda;
  const std::int64_t t = at - schedule.levels.begin() + 1;
  if (is_step) return {"t" + std::to_string(t), t, level};
  return {"ve-sigma" + shortest(level.ve_sigma()), std::nullopt, level};
}

}  // namespace diffusion
