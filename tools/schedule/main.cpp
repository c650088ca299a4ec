// Makes noise schedules, shows, compares and draws them, turns them into others,
// exchanges them with other programs, and checks them.
#include "lib/base/error.hpp"
#include "tools/schedule/check.hpp"
#include "tools/schedule/exchange.hpp"
#include "tools/schedule/filters.hpp"
#include "tools/schedule/plot.hpp"
#include "tools/schedule/tables.hpp"

using namespace diffusion;

namespace {

using Options = cli::ScheduleOptions;

CLI::App* add_command(CLI::App& app, const char* name, const char* description, Options& options) {
  CLI::App* command = app.add_subcommand(name, description);
  command
      ->add_option("schedule", options.input,
                   "A schedule file, - for standard input, or a family spec (default: -)")
      ->type_name("SCHEDULE");
  return command;
}

CLI::App* add_command_of_many(CLI::App& app, const char* name, const char* description,
                              Options& options) {
  CLI::App* command = app.add_subcommand(name, description);
  command->add_option("schedules", options.inputs, "Schedule files, -, or family specs")
      ->required()
      ->type_name("SCHEDULE...");
  return command;
}

void add_format(CLI::App* command, Options& options) {
  command
      ->add_option("--format", options.format, "table, csv, tsv, markdown or json (default: table)")
      ->check(CLI::IsMember({"table", "csv", "tsv", "markdown", "json"}).description(""))
      ->type_name("NAME");
  command->add_option("--at", options.at, "Rows of these steps only, such as 1,500 or 0:1000:100")
      ->type_name("T,...");
}

CLI::App* add_show(CLI::App& app, Options& options) {
  CLI::App* command = add_command(app, "show", "Print a schedule as a table", options);
  add_format(command, options);
  command->add_option("--columns", options.columns, "Columns by name, or all ('list' names them)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("NAME,...");
  return command;
}

CLI::App* add_compare(CLI::App& app, Options& options) {
  CLI::App* command =
      add_command_of_many(app, "compare", "Print one column of several schedules", options);
  add_format(command, options);
  command->add_option("--column", options.column, "Which column (default: log_snr)")
      ->type_name("NAME");
  command->add_option("--within", options.within, "Exit code 1 where the first differs by more")
      ->type_name("X");
  return command;
}

CLI::App* add_respace(CLI::App& app, Options& options) {
  CLI::App* command = add_command(app, "respace", "Keep some of the steps", options);
  command->add_option("--steps", options.grid_steps, "How many steps to keep (default: all)")
      ->check(cli::range(1, max_steps))
      ->type_name("N");
  command->add_option("--grid", options.grid, "Which steps: a grid, or a file (default: trailing)")
      ->type_name("SPEC");
  return command;
}

CLI::App* add_shift(CLI::App& app, Options& options) {
  CLI::App* command = add_command(app, "shift", "Move the log-SNR of every step", options);
  command->add_option("--from", options.from, "Side of the images it was made for")
      ->type_name("PIXELS");
  command->add_option("--to", options.to, "Side of the images it is meant for")
      ->type_name("PIXELS");
  command->add_option("--by", options.by, "Add this to the log-SNR")->type_name("AMOUNT");
  command->add_option("--factor", options.factor, "Multiply sigma/alpha (flow's shift)")
      ->type_name("F");
  return command;
}

CLI::App* add_scale(CLI::App& app, Options& options) {
  CLI::App* command = add_command(app, "scale", "Multiply betas (vp) or sigmas (ve)", options);
  command->add_option("--factor", options.factor, "By how much")->required()->type_name("F");
  return command;
}

CLI::App* add_import(CLI::App& app, Options& options) {
  CLI::App* command =
      app.add_subcommand("import", "Read a scheduler_config.json or a plain list of numbers");
  command
      ->add_option("input", options.input,
                   "JSON, .npy, CSV or a folder of diffusers, - for standard input (default: -)")
      ->type_name("INPUT");
  command->add_option("--as", options.as, "What a list holds: betas, alpha_bars, sigmas or log_snr")
      ->type_name("NAME");
  command->add_option("--process", options.process, "Path of a list: vp, ve or flow (default: vp)")
      ->check(CLI::IsMember({"vp", "ve", "flow"}).description(""))
      ->type_name("NAME");
  return command;
}

CLI::App* add_export(CLI::App& app, Options& options) {
  CLI::App* command =
      add_command(app, "export", "Write a scheduler_config.json or a plain list", options);
  command
      ->add_option("--to", options.kind,
                   "diffusers, csv, tsv, npy or json (default: by the extension)")
      ->check(CLI::IsMember({"diffusers", "csv", "tsv", "npy", "json"}).description(""))
      ->type_name("NAME");
  command->add_option("--as", options.as, "Column of a list (default: beta, or sigma)")
      ->type_name("NAME");
  command->add_option("--class", options.class_name, "Scheduler class of the configuration")
      ->type_name("NAME");
  return command;
}

CLI::App* add_plot(CLI::App& app, Options& options) {
  CLI::App* command = add_command_of_many(app, "plot", "Draw schedules with gnuplot", options);
  command->add_option("--title", options.title, "A line above the picture")->type_name("TEXT");
  command->add_option("--size", options.size, "Width and height in pixels (default: as it fits)")
      ->type_name("WxH");
  return command;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  cli::Tool tool(
      "diff-schedule", "make, show, transform, check and draw noise schedules",
      {{"diff-schedule cosine -T 1000 -o s.json", "a schedule file for the other tools"},
       {"diff-schedule show s.json --at 1,500,1000", "some of its rows as a table"},
       {"diff-schedule respace s.json --steps 50 -o fast.json", "every 20th step"},
       {"diff-schedule zero-snr s.json | diff-schedule check", "a filter, and a verdict"},
       {"diff-schedule compare linear cosine --at 100:1000:100", "log-SNR side by side"},
       {"diff-schedule plot linear cosine -o schedules.svg", "a picture of both"},
       {"diff-schedule import scheduler_config.json -o s.json", "a schedule of diffusers"},
       {"diff-schedule list", "all families, grids and columns"}});
  CLI::App& app = tool.app();
  app.add_option("family", options.spec, "Family and parameters, such as cosine:s=0.008")
      ->type_name("SPEC");
  app.add_option("-T", options.steps, "Number of steps (default: 1000)")
      ->check(cli::range(1, max_steps))
      ->type_name("STEPS");
  app.add_option("-o,--output", options.output, "Where to write (default: standard output)")
      ->type_name("FILE");
  tool.add_json();
  app.require_subcommand(0, 1);

  const CLI::App* show = add_show(app, options);
  const CLI::App* compare = add_compare(app, options);
  const CLI::App* plot = add_plot(app, options);
  const CLI::App* check =
      add_command(app, "check", "Judge a schedule; exit code 1 if faulty", options);
  const CLI::App* respace = add_respace(app, options);
  const CLI::App* zero_snr =
      add_command(app, "zero-snr", "Rescale so that the last step is pure noise", options);
  const CLI::App* shift = add_shift(app, options);
  const CLI::App* scale = add_scale(app, options);
  const CLI::App* import = add_import(app, options);
  const CLI::App* write_out = add_export(app, options);
  const CLI::App* list = app.add_subcommand("list", "Print all families, grids and columns");

  return tool.run(argc, argv, [&] {
    const bool json = tool.common().json;
    if (json) options.format = "json";
    if (*show) return cli::show_schedule(options);
    if (*compare) return cli::compare_schedules(options);
    if (*plot) return cli::plot_schedules(options);
    if (*check) return cli::check_one_schedule(options, json);
    if (*respace) return cli::respace_schedule(options);
    if (*zero_snr) return cli::end_at_zero_snr(options);
    if (*shift) return cli::shift_schedule(options, *shift);
    if (*scale) return cli::scale_schedule(options);
    if (*import) return cli::import_schedule(options);
    if (*write_out) return cli::export_schedule(options);
    if (*list) return cli::list_schedules(json);
    if (options.spec.empty()) throw Error("name a family, such as cosine ('list' shows all)");
    cli::write_schedule(load_schedule(options.spec, options.steps), options.output);
    return cli::done;
  });
}
