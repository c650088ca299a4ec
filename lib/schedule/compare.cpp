#include "lib/schedule/compare.hpp"

#include <algorithm>
#include <cmath>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

/// `column` at a real t in 1..T.
double read_between(const Schedule& schedule, const TableColumn& column, double t) {
  const double below = std::floor(t), share = t - below;
  const double value = column.value(schedule, int(below));
  return share == 0 ? value : std::lerp(value, column.value(schedule, int(below) + 1), share);
}

double difference(double a, double b) { return a == b ? 0 : std::abs(a - b); }

ScheduleDistance distance(const Table& table, std::size_t schedule) {
  ScheduleDistance found;
  for (const auto& row : table.rows) {
    const double here = difference(row[schedule + 1], row[1]);
    if (here > found.largest) found = {here, row[0]};
  }
  return found;
}

/// `name`, or if it is taken "name (2)", "name (3)" ...
std::string unique_name(const std::string& name, std::span<const NamedSchedule> taken) {
  std::string unique = name;
  for (int i = 2; std::ranges::find(taken, unique, &NamedSchedule::name) != taken.end(); ++i)
    unique = name + " (" + std::to_string(i) + ")";
  return unique;
}

}  // namespace

std::vector<NamedSchedule> load_named(std::span<const std::string> specs, int steps) {
  if (std::ranges::count(specs, "-") > 1)
    throw Error("standard input can be read once, so - may stand once");
  std::vector<NamedSchedule> loaded;
  for (const std::string& spec : specs) {
    const std::string name = spec == "-" ? "standard input" : printable(spec);
    loaded.push_back({unique_name(name, loaded), load_schedule(spec, steps)});
  }
  return loaded;
}

const Schedule& shortest_of(std::span<const NamedSchedule> schedules) {
  const auto steps = [](const NamedSchedule& each) { return each.schedule.steps(); };
  return std::ranges::min_element(schedules, {}, steps)->schedule;
}

ScheduleComparison compare(std::span<const NamedSchedule> schedules, const TableColumn& column,
                           std::span<const int> steps) {
  const int fewest = shortest_of(schedules).steps();
  const bool alike = std::ranges::all_of(
      schedules, [&](const NamedSchedule& each) { return each.schedule.steps() == fewest; });
  ScheduleComparison made;
  made.table.header.emplace_back(alike ? "t" : "u");
  for (const auto& each : schedules) made.table.header.push_back(each.name);
  for (const int t : steps) {
    auto& row = made.table.rows.emplace_back();
    row.push_back(alike ? t : double(t) / fewest);
    for (const auto& [name, schedule] : schedules) {
      // In whole numbers first, so that a common fraction meets its step exactly.
      const double there = double(std::int64_t(t) * schedule.steps()) / fewest;
      row.push_back(read_between(schedule, column, there));
    }
  }
  for (std::size_t i = 0; i < schedules.size(); ++i)
    made.distances.push_back(distance(made.table, i));
  return made;
}

}  // namespace diffusion
