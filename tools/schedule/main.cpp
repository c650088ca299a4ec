// Makes noise schedules, shows, compares and draws them, turns them into others,
// exchanges them with other programs, and checks them.
#include "lib/base/error.hpp"
#include "lib/base/interrupt.hpp"
#include "tools/schedule/check.hpp"
#include "tools/schedule/exchange.hpp"
#include "tools/schedule/filters.hpp"
#include "tools/schedule/options.hpp"
#include "tools/schedule/plot.hpp"
#include "tools/schedule/tables.hpp"

using namespace diffusion;

int main(int argc, char** argv) {
  cli::ScheduleOptions options;
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
  const auto given = cli::add_schedule_options(tool, options);

  return tool.run(argc, argv, [&] {
    catch_interrupts();
    options.say = [&](const std::string& note) { tool.say(note); };
    const bool json = tool.common().json;
    if (json && options.format.value_or("json") != "json")
      throw Error("--json: means nothing beside --format " + *options.format);
    if (options.format) options.format_flag = "--format " + *options.format;
    if (json) {
      options.format = "json";
      options.format_flag = "--json";
    }
    if (*given.show) return cli::show_schedule(options);
    if (*given.compare) return cli::compare_schedules(options);
    if (*given.plot) return cli::plot_schedules(options);
    if (*given.check) return cli::check_one_schedule(options, json);
    if (*given.respace) return cli::respace_schedule(options);
    if (*given.zero_snr) return cli::end_at_zero_snr(options);
    if (*given.shift) return cli::shift_schedule(options, *given.shift);
    if (*given.scale) return cli::scale_schedule(options);
    if (*given.import) return cli::import_schedule(options);
    if (*given.write_out) return cli::export_schedule(options);
    if (options.spec.empty()) throw Error("name a family, such as cosine ('list' shows all)");
    options.input = options.spec;
    cli::write_schedule(cli::load_input(options), options.output);
    return cli::done;
  });
}
