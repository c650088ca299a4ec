#include "tools/cli/schedule_options.hpp"

#include "lib/schedule/grids/grid.hpp"
#include "lib/schedule/schedule.hpp"

namespace diffusion::cli {

Values a_family() {
  Values values = specs_of("schedules", schedules(), schedule_parameters);
  for (Choice& own : choices_of(std::span(&custom_schedule(), 1)))
    values.choices.push_back(std::move(own));
  return values;
}

Values a_schedule() { return or_files(a_family(), {".json"}); }

Values a_grid() { return or_files(specs_of("grids", grids(), grid_parameters), {".json"}); }

void add_schedule(const Flags& flags, std::string& schedule, std::string otherwise) {
  flags.add({.names = "-s,--schedule",
             .value = "SCHEDULE",
             .help = "Noise schedule: spec or file",
             .values = a_schedule(),
             .otherwise = std::move(otherwise)},
            schedule);
}

void add_length(const Flags& flags, int& length) {
  flags.add({.names = "-T",
             .value = "STEPS",
             .help = "Number of steps of a schedule named by spec",
             .values = whole(1, max_steps),
             .otherwise = unsaid},
            length);
}

}  // namespace diffusion::cli
