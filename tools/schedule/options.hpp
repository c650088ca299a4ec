// The options of diff-schedule's subcommands, and what they share.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lib/noise/prediction.hpp"
#include "lib/schedule/compare.hpp"
#include "tools/cli/tool.hpp"

namespace diffusion::cli {

struct ScheduleOptions {
  // all
  std::string spec, input = "-", output = "-";
  std::vector<std::string> inputs;
  int steps = 0;  // T of a family
  // show, compare
  std::string at, column = "log_snr";
  std::optional<std::string> format;  // none: by the name of the output
  std::string format_flag;            // by which it was asked for: "--json"
  std::vector<std::string> columns;
  std::optional<double> within;
  // respace
  std::string grid = "trailing";
  int grid_steps = 0;
  // shift, scale
  double from = 0, to = 0, by = 0, factor = 0;
  // import, export
  std::string kind, as, process, class_name;
  std::optional<Prediction> predicts;
  // plot
  std::string title, size;
  // how to tell a person something
  std::function<void(const std::string&)> say = [](const std::string&) {};
};

/// The subcommands; none of them makes a schedule.
struct ScheduleCommands {
  const CLI::App *show, *compare, *plot, *check, *respace, *zero_snr, *shift, *scale, *import,
      *write_out;
};

/// Adds the flags and subcommands; `options` must outlive the tool.
ScheduleCommands add_schedule_options(Tool& tool, ScheduleOptions& options);

/// The schedule that options.input names, or those that options.inputs name; says what was
/// taken for granted in reading them.
Schedule load_input(const ScheduleOptions& options);
std::vector<NamedSchedule> load_inputs(const ScheduleOptions& options);

/// Says these notes of a schedule.
void say_notes(const ScheduleOptions& options, const Schedule& schedule);

/// Writes the schedule file.
void write_schedule(const Schedule& schedule, const std::string& output);

}  // namespace diffusion::cli
