// Several schedules side by side in one column.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "lib/schedule/table.hpp"

namespace diffusion {

struct NamedSchedule {
  std::string name;
  Schedule schedule;
};

/// What each of `specs` names for load_schedule, under a name that no other has. "-" may
/// stand once.
std::vector<NamedSchedule> load_named(std::span<const std::string> specs, int steps = 0);

/// How far a schedule strays from the first: its largest absolute difference and
/// where that is (a value of the table's first column). NaN when values are not
/// comparable: an infinity here and a finite number there is an infinite difference.
struct ScheduleDistance {
  double largest = 0, at = 0;
};

struct ScheduleComparison {
  Table table;  // t, or u = t/T where T differs; then a column a schedule
  std::vector<ScheduleDistance> distances;  // of each schedule to the first
};

/// Rows are the `steps` of the schedule with the fewest; the others are read at the
/// same fraction t/T, between two steps by linear interpolation of the column.
ScheduleComparison compare(std::span<const NamedSchedule> schedules, const TableColumn& column,
                           std::span<const int> steps);

/// The schedule with the fewest steps, whose steps are the rows.
const Schedule& shortest_of(std::span<const NamedSchedule> schedules);

}  // namespace diffusion
