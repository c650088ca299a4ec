#include "tools/schedule/tables.hpp"

#include <algorithm>
#include <cmath>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/path.hpp"
#include "lib/base/text.hpp"
#include "lib/noise/level_text.hpp"
#include "lib/schedule/table.hpp"
#include "tools/cli/output_files.hpp"
#include "tools/schedule/weights.hpp"

namespace diffusion::cli {
namespace {

struct FormatRow {
  const char *name, *ending;
  TableFormat format;
};

constexpr FormatRow formats[] = {{"csv", ".csv", TableFormat::csv},
                                 {"tsv", ".tsv", TableFormat::tsv},
                                 {"markdown", ".md", TableFormat::markdown},
                                 {"json", ".json", TableFormat::json},
                                 {"table", "", TableFormat::table}};

/// As --format says, or else the ending of the file; they must not contradict each other.
TableFormat format_of(const ScheduleOptions& options) {
  refuse_binary_name(options.output, "a table");
  const std::string ending = extension_of(options.output);
  for (const FormatRow& row : formats) {
    if (options.format ? *options.format != row.name : ending != row.ending) continue;
    if (options.format) refuse_other_format(options.output, row.ending, options.format_flag);
    return row.format;
  }
  return TableFormat::table;
}

std::vector<int> steps_shown(const Schedule& schedule, const std::string& at) {
  std::vector<int> steps;
  if (at.empty())
    for (int t = 1; t <= schedule.steps(); ++t) steps.push_back(t);
  else
    for (const std::int64_t t : parse_steps("--at", at, schedule.steps())) steps.push_back(int(t));
  if (std::ranges::find(steps, 0) != steps.end())
    throw Error("--at 0: clean data has no row; the schedule has steps 1.." +
                std::to_string(schedule.steps()));
  return steps;
}

/// Columns to the right of those that a table has.
void append(Table& table, const Table& right) {
  table.header.insert(table.header.end(), right.header.begin(), right.header.end());
  table.rows.resize(right.rows.size());
  for (std::size_t i = 0; i < right.rows.size(); ++i)
    table.rows[i].insert(table.rows[i].end(), right.rows[i].begin(), right.rows[i].end());
}

Table shown_table(const Schedule& schedule, const ScheduleOptions& options) {
  const auto steps = steps_shown(schedule, options.at);
  if (options.columns.empty()) return table_of(schedule, steps, default_columns(schedule));
  Table table;
  for (const std::string& name : options.columns)
    append(table, names_weights(name)
                      ? weights_of(schedule, steps, name)
                      : table_of(schedule, steps, choose_columns(schedule, {name})));
  return table;
}

Json summary_to_json(const ScheduleComparison& comparison, const std::string& column) {
  Json differences = Json::array();
  for (std::size_t i = 1; i < comparison.distances.size(); ++i)
    differences.push_back({{"schedule", comparison.table.header[i + 1]},
                           {"largest", number_to_json(comparison.distances[i].largest)},
                           {"at", number_to_json(comparison.distances[i].at)}});
  return {{"column", column},
          {"reference", comparison.table.header[1]},
          {"differences", differences},
          {"rows", rows_to_json(comparison.table)}};
}

/// "largest difference of log_snr to linear": a line for each of the others.
std::string summary(const ScheduleComparison& comparison, const std::string& column) {
  const auto& header = comparison.table.header;
  std::string text;
  for (std::size_t i = 1; i < comparison.distances.size(); ++i) {
    const ScheduleDistance& distance = comparison.distances[i];
    text += header[i + 1] + ": " + column + " differs from " + header[1] + " by at most " +
            significant(distance.largest, 6);
    if (distance.largest > 0) text += " (" + header[0] + " = " + significant(distance.at, 6) + ")";
    text += '\n';
  }
  return text;
}

}  // namespace

ExitCode show_schedule(const ScheduleOptions& options) {
  const Schedule schedule = load_input(options);
  write_file(options.output, format_table(shown_table(schedule, options), format_of(options)));
  return done;
}

ExitCode compare_schedules(const ScheduleOptions& options) {
  if (options.inputs.size() < 2) throw Error("compare needs two schedules or more");
  if (options.column == "all") throw Error("--column all: compare takes one column");
  if (options.within && !(*options.within >= 0))
    throw Error("--within " + shortest(*options.within) + ": must not be negative");
  const auto loaded = load_inputs(options);
  TableColumn column{};
  for (const auto& each : loaded) column = choose_columns(each.schedule, {options.column}).at(0);
  const ScheduleComparison comparison =
      compare(loaded, column, steps_shown(shortest_of(loaded), options.at));
  const TableFormat format = format_of(options);
  std::string text;
  if (format == TableFormat::json)
    text = to_text(summary_to_json(comparison, options.column));
  else
    text = format_table(comparison.table, format);
  if (format == TableFormat::table) text += summary(comparison, options.column);
  write_file(options.output, text);
  const double allowed = options.within.value_or(HUGE_VAL);
  const auto strays = [&](const ScheduleDistance& distance) { return distance.largest > allowed; };
  const bool faulty = std::ranges::any_of(comparison.distances, strays);
  return faulty ? partial : done;
}

}  // namespace diffusion::cli
