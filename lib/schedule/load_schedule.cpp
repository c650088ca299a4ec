#include <filesystem>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/file_kind.hpp"
#include "lib/base/spec_file.hpp"
#include "lib/schedule/exchange/foreign.hpp"
#include "lib/schedule/schedule.hpp"

namespace diffusion {

namespace {

/// Arrays and lists of numbers are schedules only when it is said what the numbers mean.
Schedule schedule_in(const std::string& path, const std::string& culprit) {
  const std::string bytes = read_text(path);
  const FileKind kind = file_kind(bytes);
  if (kind == FileKind::npy || kind == FileKind::text)
    throw Error(culprit + ": is " + std::string(name_of(kind)) +
                ", not a schedule file (JSON); import makes one of a list of numbers");
  if (!is_json(kind)) refuse_known_kind(kind, culprit, "a schedule file (JSON)");
  return schedule_of_json(parse_json(bytes, culprit), culprit);
}

}  // namespace

bool names_schedule_file(const std::string& spec) {
  std::error_code none;
  return !names_family(spec) && (names_file(spec) || std::filesystem::exists(spec, none));
}

Schedule load_schedule(const std::string& spec, int steps) {
  if (!names_schedule_file(spec)) return make_schedule(spec, steps);
  const std::string path = schedule_file(spec);
  Schedule loaded = schedule_in(path, path == "-" ? "standard input" : path);
  if (steps != 0 && steps != loaded.steps())
    throw Error(spec + ": has T = " + std::to_string(loaded.steps()) + ", not " +
                std::to_string(steps) + " (respace it, or leave `T` out)");
  return loaded;
}

}  // namespace diffusion
