// The options of diff-schedule's subcommands, and what they share.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lib/schedule/compare.hpp"
#include "tools/cli/tool.hpp"

namespace diffusion::cli {

struct ScheduleOptions {
  // all
  std::string spec, input = "-", output = "-";
  std::vector<std::string> inputs;
  int steps = 0;  // T of a family
  // show, compare
  std::string format = "table", at, column = "log_snr";
  std::vector<std::string> columns;
  std::optional<double> within;
  // respace
  std::string grid = "trailing";
  int grid_steps = 0;
  // shift, scale
  double from = 0, to = 0, by = 0, factor = 0;
  // import, export
  std::string kind, as, process, class_name;
  // plot
  std::string title, size;
};

/// The subcommands; none of them makes a schedule.
struct ScheduleCommands {
  const CLI::App *show, *compare, *plot, *check, *respace, *zero_snr, *shift, *scale, *import,
      *write_out, *list;
};

/// Adds the flags and subcommands; `options` must outlive the tool.
ScheduleCommands add_schedule_options(Tool& tool, ScheduleOptions& options);

/// The schedules that options.inputs name, each under a name of its own. "-" may stand
/// once.
std::vector<NamedSchedule> load_named(const ScheduleOptions& options);

/// Writes the schedule file.
void write_schedule(const Schedule& schedule, const std::string& output);

}  // namespace diffusion::cli
