// Makes noise schedules, shows them as tables, respaces and checks them.
#include <iostream>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/text.hpp"
#include "lib/schedule/check.hpp"
#include "lib/schedule/grid.hpp"
#include "lib/schedule/schedule_json.hpp"
#include "lib/schedule/table.hpp"
#include "tools/cli.hpp"

using namespace diffusion;

namespace {

struct Options {
  std::string spec, input = "-", output = "-", format = "table", grid = "trailing";
  std::vector<std::string> columns, at;
  int steps = 0;       // T of the family
  int grid_steps = 0;  // of a respaced schedule
};

void write_schedule(const Schedule& schedule, const std::string& output) {
  write_file(output, to_text(schedule_to_json(schedule)));
}

TableFormat parse_format(const std::string& name) {
  if (name == "csv") return TableFormat::csv;
  if (name == "tsv") return TableFormat::tsv;
  if (name == "json") return TableFormat::json;
  return TableFormat::table;
}

std::vector<int> steps_shown(const Schedule& schedule, const std::vector<std::string>& at) {
  std::vector<int> steps;
  for (const auto& text : at) {
    const auto t = parse_integer(text);
    if (!t || *t < 1 || *t > schedule.steps())
      throw Error("--at " + text + ": the schedule has steps 1.." +
                  std::to_string(schedule.steps()));
    steps.push_back(int(*t));
  }
  if (at.empty())
    for (int t = 1; t <= schedule.steps(); ++t) steps.push_back(t);
  return steps;
}

cli::ExitCode show(const Options& options) {
  const Schedule schedule = load_schedule(options.input, options.steps);
  const auto columns = options.columns.empty() ? default_columns(schedule)
                                               : choose_columns(schedule, options.columns);
  write_file(options.output, format_table(schedule, steps_shown(schedule, options.at), columns,
                                          parse_format(options.format)));
  return cli::done;
}

cli::ExitCode respace(const Options& options) {
  const Schedule full = load_schedule(options.input, options.steps);
  Schedule made = respaced(full, load_grid(options.grid, full, options.grid_steps));
  made.extra["respaced_from"] = {{"family", full.family},
                                 {"params", full.params},
                                 {"T", full.steps()},
                                 {"grid", options.grid}};
  write_schedule(made, options.output);
  return cli::done;
}

Json report_to_json(const ScheduleReport& report) {
  return {{"terminal_alpha", number_to_json(report.terminal_alpha)},
          {"terminal_snr", number_to_json(report.terminal_snr)},
          {"terminal_kl_nats_per_dimension", number_to_json(report.terminal_kl)},
          {"eps_error_gain_at_T", number_to_json(report.eps_gain)},
          {"findings", report.findings}};
}

cli::ExitCode check(const Options& options, bool json) {
  Schedule schedule;
  ScheduleReport report;
  if (!names_schedule_file(options.input)) {
    schedule = load_schedule(options.input, options.steps);
    report = check_schedule(schedule);
  } else {
    const Json file = read_json(options.input);
    schedule = defined_schedule(file, options.input);
    report = check_schedule(schedule);
    for (auto& line : contradictions(schedule, file)) report.findings.push_back(std::move(line));
  }
  if (json) {
    std::cout << to_text(report_to_json(report));
  } else {
    const Json values = report_to_json(report);
    for (const auto& [key, value] : values.items())
      if (value.is_number())
        std::cout << key << '\t' << significant(value.get<double>(), 6) << '\n';
      else if (value.is_string())
        std::cout << key << '\t' << value.get<std::string>() << '\n';
    if (schedule.levels.back().pure_noise())
      std::cout << "note\tends at zero SNR: train on v or x0, since noise prediction cannot be "
                   "inverted there\n";
    for (const auto& finding : report.findings) std::cout << "finding\t" << finding << '\n';
    std::cout << "verdict\t" << (report.findings.empty() ? "sound" : "faulty") << '\n';
  }
  return report.findings.empty() ? cli::done : cli::partial;
}

cli::ExitCode list() {
  std::cout << "families (diff-schedule NAME[:key=value,...] -T STEPS)\n";
  for (const auto& row : schedules()) {
    const Schedule made = make_schedule(row.name, 2);
    std::cout << "  " << row.name << "\n    " << row.formula << "\n   ";
    if (made.params.empty()) std::cout << " (no parameters)";
    for (const auto& [key, value] : made.params.items())
      std::cout << ' ' << key << '='
                << (value.is_string() ? value.get<std::string>() : shortest(value.get<double>()));
    std::cout << "\n    " << row.reference << '\n';
  }
  const ScheduleInfo& own = custom_schedule();
  std::cout << "  " << own.name << "\n    " << own.formula << "\n    " << own.reference << '\n';
  std::cout << "grids (diff-schedule respace --grid NAME[:key=value,...] --steps N)\n";
  for (const auto& row : grids())
    std::cout << "  " << row.name << "\n    " << row.formula << "\n    " << row.reference << '\n';
  std::cout << "columns (diff-schedule show --columns NAME,...)\n";
  for (const auto& row : table_columns())
    std::cout << "  " << row.name << "\n    " << row.meaning << '\n';
  return cli::done;
}

void add_input(CLI::App* command, Options& options) {
  command
      ->add_option("schedule", options.input,
                   "A schedule file, - for standard input, or a family spec (default: -)")
      ->type_name("SCHEDULE");
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  cli::Tool tool("diff-schedule", "make, show, respace and check noise schedules",
                 {{"diff-schedule cosine -T 1000 -o s.json", "a schedule file for the other tools"},
                  {"diff-schedule show s.json --at 1,500,1000", "some of its rows as a table"},
                  {"diff-schedule show linear --format csv > linear.csv", "all of one, as CSV"},
                  {"diff-schedule respace s.json --steps 50 -o fast.json", "every 20th step"},
                  {"diff-schedule check s.json", "is it sound, and how near to noise does it end"},
                  {"diff-schedule list", "all families, grids and columns"}});
  CLI::App& app = tool.app();
  app.add_option("family", options.spec, "Family and parameters, such as cosine:s=0.008")
      ->type_name("SPEC");
  app.add_option("-T", options.steps, "Number of steps (default: 1000)")
      ->check(CLI::Range(1, max_steps).description(""))
      ->type_name("STEPS");
  app.add_option("-o,--output", options.output, "Where to write (default: standard output)")
      ->type_name("FILE");
  tool.add_json();
  app.require_subcommand(0, 1);

  CLI::App* show_command = app.add_subcommand("show", "Print a schedule as a table");
  add_input(show_command, options);
  show_command->add_option("--format", options.format, "table, csv, tsv or json (default: table)")
      ->check(CLI::IsMember({"table", "csv", "tsv", "json"}).description(""))
      ->type_name("NAME");
  show_command->add_option("--columns", options.columns, "Columns by name; 'list' shows all")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("NAME,...");
  show_command->add_option("--at", options.at, "Rows of these steps only")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("T,...");

  CLI::App* respace_command = app.add_subcommand("respace", "Keep some of the steps");
  add_input(respace_command, options);
  respace_command
      ->add_option("--steps", options.grid_steps, "How many steps to keep (default: all)")
      ->check(CLI::Range(1, max_steps).description(""))
      ->type_name("N");
  respace_command
      ->add_option("--grid", options.grid, "Which steps: a grid, or a file (default: trailing)")
      ->type_name("SPEC");

  CLI::App* check_command = app.add_subcommand("check", "Judge a schedule; exit code 1 if faulty");
  add_input(check_command, options);
  CLI::App* list_command = app.add_subcommand("list", "Print all families, grids and columns");

  return tool.run(argc, argv, [&] {
    if (*show_command) {
      if (tool.common().json) options.format = "json";
      return show(options);
    }
    if (*respace_command) return respace(options);
    if (*check_command) return check(options, tool.common().json);
    if (*list_command) return list();
    if (options.spec.empty()) throw Error("name a family, such as cosine ('list' shows all)");
    write_schedule(load_schedule(options.spec, options.steps), options.output);
    return cli::done;
  });
}
