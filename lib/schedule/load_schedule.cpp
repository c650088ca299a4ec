#include <filesystem>

#include "lib/base/error.hpp"
#include "lib/base/spec_file.hpp"
#include "lib/schedule/exchange/foreign.hpp"
#include "lib/schedule/schedule.hpp"

namespace diffusion {

bool names_schedule_file(const std::string& spec) {
  return !names_family(spec) && (names_file(spec) || std::filesystem::exists(spec));
}

Schedule load_schedule(const std::string& spec, int steps) {
  if (!names_schedule_file(spec)) return make_schedule(spec, steps);
  const std::string path = schedule_file(spec);
  Schedule loaded = schedule_of_json(read_json(path), path == "-" ? "standard input" : path);
  if (steps != 0 && steps != loaded.steps())
    throw Error(spec + ": has T = " + std::to_string(loaded.steps()) + ", not " +
                std::to_string(steps) + " (respace it, or leave `T` out)");
  return loaded;
}

}  // namespace diffusion
