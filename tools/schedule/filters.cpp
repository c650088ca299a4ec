#include "tools/schedule/filters.hpp"

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/schedule/grids/grid.hpp"
#include "lib/schedule/transform.hpp"

namespace diffusion::cli {
namespace {

/// Reads, makes, notes the command in the result, writes.
template <class Make>
ExitCode filter(const ScheduleOptions& options, const std::string& command, const Make& make) {
  const Schedule from = load_input(options);
  Schedule made = make(from);
  note_origin(made, from, command);
  write_schedule(made, options.output);
  return done;
}

double chosen_shift(const ScheduleOptions& options, const CLI::App& given) {
  const bool sizes = given.count("--from") + given.count("--to") > 0;
  const int ways = int(sizes) + int(given.count("--by") > 0) + int(given.count("--factor") > 0);
  if (ways != 1)
    throw Error("shift: say how far in one way: --from SIZE --to SIZE, --by AMOUNT or --factor F");
  if (sizes && (given.count("--from") == 0 || given.count("--to") == 0))
    throw Error("shift: --from and --to belong together");
  if (sizes) return resolution_shift(options.from, options.to);
  return given.count("--by") > 0 ? options.by : flow_shift(options.factor);
}

std::string shift_command(const ScheduleOptions& options, const CLI::App& given) {
  if (given.count("--by") > 0) return "shift --by " + shortest(options.by);
  if (given.count("--factor") > 0) return "shift --factor " + shortest(options.factor);
  return "shift --from " + shortest(options.from) + " --to " + shortest(options.to);
}

}  // namespace

ExitCode respace_schedule(const ScheduleOptions& options) {
  std::string command = "respace --grid " + options.grid;
  if (options.grid_steps != 0) command += " --steps " + std::to_string(options.grid_steps);
  return filter(options, command, [&](const Schedule& full) {
    return respaced(full, load_grid(options.grid, full, options.grid_steps));
  });
}

ExitCode end_at_zero_snr(const ScheduleOptions& options) {
  return filter(options, "zero-snr", with_zero_terminal_snr);
}

ExitCode shift_schedule(const ScheduleOptions& options, const CLI::App& given) {
  const double amount = chosen_shift(options, given);
  return filter(options, shift_command(options, given),
                [&](const Schedule& schedule) { return shifted(schedule, amount); });
}

ExitCode scale_schedule(const ScheduleOptions& options) {
  return filter(options, "scale --factor " + shortest(options.factor),
                [&](const Schedule& schedule) { return scaled(schedule, options.factor); });
}

}  // namespace diffusion::cli
