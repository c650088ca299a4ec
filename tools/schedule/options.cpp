#include "tools/schedule/options.hpp"

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/path.hpp"
#include "lib/schedule/exchange/diffusers_config.hpp"
#include "lib/schedule/schedule_json.hpp"
#include "lib/schedule/table.hpp"
#include "tools/cli/schedule_options.hpp"

namespace diffusion::cli {
namespace {

Flags add_command(Tool& tool, const char* name, const char* summary, ScheduleOptions& options) {
  const Flags flags = tool.add_command(name, summary);
  flags.add({.names = "schedule",
             .value = "SCHEDULE",
             .help = "A schedule file, - for standard input, or a family spec",
             .values = a_schedule(),
             .otherwise = "-"},
            options.input);
  return flags;
}

Flags add_command_of_many(Tool& tool, const char* name, const char* summary,
                          ScheduleOptions& options) {
  const Flags flags = tool.add_command(name, summary);
  flags.add({.names = "schedules",
             .value = "SCHEDULE...",
             .help = "Schedule files, -, or family specs",
             .values = a_schedule(),
             .required = true},
            options.inputs);
  return flags;
}

void add_format(const Flags& flags, ScheduleOptions& options) {
  flags.add({.names = "--format",
             .value = "NAME",
             .help = "{}",
             .values = one_of({"table", "csv", "tsv", "markdown", "json"}),
             .otherwise = "by the extension, or table"},
            options.format);
  flags.add({"--at", "T,...", "Rows of these steps only, such as 1,500 or 100:1000:100"},
            options.at);
}

/// Columns of a table, and loss weights as columns.
Values columns() {
  Values values = several_or_all(names_of("columns", table_columns()));
  values.canonical = [of_table = values.canonical](const std::string& text) {
    const std::string name = comparable_name(text.substr(0, text.find(':')));
    if (name == "weight" || name == "weights") return name + text.substr(name.size());
    return of_table(text);
  };
  return values;
}

const CLI::App* add_show(Tool& tool, ScheduleOptions& options) {
  const Flags flags = add_command(tool, "show", "Print a schedule as a table", options);
  add_format(flags, options);
  flags.add(
      {"--columns", "NAME,...", "Columns by name, all ('list' names them), or weights", columns()},
      options.columns);
  flags.app().get_option("--columns")->delimiter(',')->allow_extra_args(false);
  return &flags.app();
}

const CLI::App* add_compare(Tool& tool, ScheduleOptions& options) {
  const Flags flags =
      add_command_of_many(tool, "compare", "Print one column of several schedules", options);
  add_format(flags, options);
  flags.add({"--column", "NAME", "Which column", names_of("columns", table_columns())},
            options.column);
  flags.add({"--within", "X", "Exit code 1 where the first differs by more"}, options.within);
  return &flags.app();
}

const CLI::App* add_plot(Tool& tool, ScheduleOptions& options) {
  const Flags flags = add_command_of_many(tool, "plot", "Draw schedules with gnuplot", options);
  flags.add({"--title", "TEXT", "A line above the picture"}, options.title);
  flags.add({.names = "--size",
             .value = "WxH",
             .help = "Width and height in pixels",
             .otherwise = "as it fits"},
            options.size);
  return &flags.app();
}

const CLI::App* add_respace(Tool& tool, ScheduleOptions& options) {
  const Flags flags = add_command(tool, "respace", "Keep some of the steps", options);
  flags.add({.names = "--steps",
             .value = "N",
             .help = "How many steps to keep",
             .values = whole(1, max_steps),
             .otherwise = "all"},
            options.grid_steps);
  flags.add({"--grid", "SPEC", "Which steps: a grid, or a file", a_grid()}, options.grid);
  return &flags.app();
}

const CLI::App* add_shift(Tool& tool, ScheduleOptions& options) {
  const Flags flags = add_command(tool, "shift", "Move the log-SNR of every step", options);
  const auto add = [&](const char* name, const char* value, const char* help, double& target) {
    flags.add({.names = name, .value = value, .help = help, .otherwise = unsaid}, target);
  };
  add("--from", "PIXELS", "Side of the images it was made for", options.from);
  add("--to", "PIXELS", "Side of the images it is meant for", options.to);
  add("--by", "AMOUNT", "Add this to the log-SNR", options.by);
  add("--factor", "F", "Multiply sigma/alpha (flow's shift)", options.factor);
  return &flags.app();
}

const CLI::App* add_scale(Tool& tool, ScheduleOptions& options) {
  const Flags flags = add_command(tool, "scale", "Multiply betas (vp) or sigmas (ve)", options);
  flags.add({.names = "--factor",
             .value = "F",
             .help = "By how much",
             .otherwise = unsaid,
             .required = true},
            options.factor);
  return &flags.app();
}

const CLI::App* add_import(Tool& tool, ScheduleOptions& options) {
  const Flags flags =
      tool.add_command("import", "Read a scheduler_config.json or a plain list of numbers");
  flags.add({.names = "input",
             .value = "INPUT",
             .help = "JSON, .npy, CSV or a folder of diffusers, - for standard input",
             .values = files({".json", ".npy", ".csv", ".tsv", ".txt"}),
             .otherwise = "-"},
            options.input);
  flags.add({"--as", "NAME", "What a list holds: betas, alpha_bars, sigmas or log_snr",
             words({"betas", "alpha_bars", "sigmas", "log_snr"})},
            options.as);
  flags.add({.names = "--process",
             .value = "NAME",
             .help = "Path of a list: {}",
             .values = one_of({"vp", "ve", "flow"}),
             .otherwise = "vp"},
            options.process);
  return &flags.app();
}

const CLI::App* add_export(Tool& tool, ScheduleOptions& options) {
  const Flags flags =
      add_command(tool, "export", "Write a scheduler_config.json or a plain list", options);
  flags.add({.names = "--to",
             .value = "NAME",
             .help = "{}",
             .values = one_of({"diffusers", "csv", "tsv", "npy", "json"}),
             .otherwise = "by the extension"},
            options.kind);
  flags.add({.names = "--as",
             .value = "NAME",
             .help = "Column of a list",
             .values = names_of("columns", table_columns()),
             .otherwise = "beta, or sigma"},
            options.as);
  flags.add({"--class", "NAME", "Scheduler class of the configuration", words(diffusers_classes())},
            options.class_name);
  flags.read({.names = "--predict",
              .value = "WHAT",
              .help = "What networks of the configuration predict: {}",
              .values = names_of("predictions", predictions()),
              .otherwise = "as imported, or unsaid"},
             [&](const std::string& name) { options.predicts = parse_prediction(name); });
  return &flags.app();
}

void add_own(Tool& tool, ScheduleOptions& options) {
  const Flags flags = tool.flags();
  flags.add({"family", "SPEC", "Family and parameters, such as cosine:s=0.008", a_family()},
            options.spec);
  flags
      .serving({"", "show", "compare", "plot", "check", "respace", "zero-snr", "shift", "scale",
                "export"})
      .add({.names = "-T",
            .value = "STEPS",
            .help = "Number of steps",
            .values = whole(1, max_steps),
            .otherwise = "1000"},
           options.steps);
  flags
      .serving({"", "show", "compare", "plot", "respace", "zero-snr", "shift", "scale", "import",
                "export"})
      .add({.names = "-o,--output",
            .value = "FILE",
            .help = "Where to write",
            .values = files({".json", ".csv", ".tsv", ".npy", ".png", ".svg", ".pdf"}),
            .otherwise = "standard output"},
           options.output);
  tool.add_json(
      {"", "show", "compare", "check", "respace", "zero-snr", "shift", "scale", "import"});
}

}  // namespace

ScheduleCommands add_schedule_options(Tool& tool, ScheduleOptions& options) {
  add_own(tool, options);
  tool.app().require_subcommand(0, 1);
  ScheduleCommands commands{};
  commands.show = add_show(tool, options);
  commands.compare = add_compare(tool, options);
  commands.plot = add_plot(tool, options);
  const auto plain = [&](const char* name, const char* summary) {
    return &add_command(tool, name, summary, options).app();
  };
  commands.check = plain("check", "Judge a schedule; exit code 1 if faulty");
  commands.respace = add_respace(tool, options);
  commands.zero_snr = plain("zero-snr", "Rescale so that the last step is pure noise");
  commands.shift = add_shift(tool, options);
  commands.scale = add_scale(tool, options);
  commands.import = add_import(tool, options);
  commands.write_out = add_export(tool, options);
  tool.add_list();
  return commands;
}

void say_notes(const ScheduleOptions& options, const Schedule& schedule) {
  for (const std::string& note : schedule.notes) options.say(note);
}

Schedule load_input(const ScheduleOptions& options) {
  Schedule loaded = load_schedule(options.input, options.steps);
  say_notes(options, loaded);
  return loaded;
}

std::vector<NamedSchedule> load_inputs(const ScheduleOptions& options) {
  auto loaded = load_named(options.inputs, options.steps);
  for (const NamedSchedule& each : loaded) say_notes(options, each.schedule);
  return loaded;
}

void write_schedule(const Schedule& schedule, const std::string& output) {
  refuse_binary_name(output, "a schedule");
  const std::string ending = extension_of(output);
  if (ending == ".csv" || ending == ".tsv" || ending == ".md")
    throw Error(output + ": a schedule file is JSON; show writes a table, export a list");
  write_file(output, to_text(schedule_to_json(schedule)));
}

}  // namespace diffusion::cli
