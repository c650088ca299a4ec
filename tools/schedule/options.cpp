#include "tools/schedule/options.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/text.hpp"
#include "lib/schedule/schedule_json.hpp"

namespace diffusion::cli {

std::vector<NamedSchedule> load_named(const ScheduleOptions& options) {
  if (std::ranges::count(options.inputs, "-") > 1)
    throw Error("standard input can be read once, so - may stand once");
  std::vector<NamedSchedule> loaded;
  for (const std::string& input : options.inputs) {
    const std::string name = input == "-" ? "standard input" : printable(input);
    std::string unique = name;
    for (int i = 2; std::ranges::find(loaded, unique, &NamedSchedule::name) != loaded.end(); ++i)
      unique = name + " (" + std::to_string(i) + ")";
    loaded.push_back({unique, load_schedule(input, options.steps)});
  }
  return loaded;
}

void write_schedule(const Schedule& schedule, const std::string& output) {
  write_file(output, to_text(schedule_to_json(schedule)));
}

}  // namespace diffusion::cli
