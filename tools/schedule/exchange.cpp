#include "tools/schedule/exchange.hpp"

#include <filesystem>
#include <optional>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/text.hpp"
#include "lib/schedule/exchange/arrays.hpp"
#include "lib/schedule/exchange/diffusers_config.hpp"
#include "lib/schedule/table.hpp"
#include "lib/tensor/formats/npy.hpp"

namespace diffusion::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* config_name = "scheduler_config.json";

/// What an input is, with the bytes that it holds.
struct Input {
  std::string name, bytes;
};

/// A folder stands for the configuration in it, or in the scheduler/ of a pipeline.
Input read_input(const std::string& given) {
  std::error_code none;
  if (given == "-" || !fs::is_directory(given, none))
    return {given == "-" ? "standard input" : given, read_file(given)};
  for (const fs::path& inside : {fs::path(config_name), fs::path("scheduler") / config_name}) {
    const std::string path = (fs::path(given) / inside).string();
    if (fs::exists(path, none)) return {path, read_file(path)};
  }
  throw Error(given + ": a folder without " + config_name + " or scheduler/" + config_name);
}

std::optional<Quantity> wanted_quantity(const ScheduleOptions& options) {
  return options.as.empty() ? std::nullopt : quantity_named(options.as);
}

PlainArray array_from_npy(Input input, std::optional<Quantity> wanted) {
  const NpyArray array = npy_from_bytes(std::move(input.bytes), input.name);
  if (array.shape.size() != 1)
    throw Error(input.name + ": has " + std::to_string(array.shape.size()) +
                " dimensions, where a list of numbers has one");
  PlainArray made{.quantity = wanted, .values = std::vector<double>(array.count())};
  convert(array, 0, array.count(), made.values.data());
  return made;
}

Schedule schedule_of(PlainArray array, const std::string& culprit, const ScheduleOptions& options) {
  if (!array.quantity)
    throw Error(culprit +
                ": what do the numbers mean? Say --as betas, alpha_bars, sigmas or "
                "log_snr");
  try {
    return from_array(std::move(array),
                      path_named(options.process.empty() ? "vp" : options.process, "--process"));
  } catch (const Error& e) {
    throw Error(culprit + ": " + e.what());
  }
}

void refuse_array_options(const std::string& culprit, const ScheduleOptions& options) {
  if (!options.as.empty() || !options.process.empty())
    throw Error(culprit + ": describes itself; --as and --process are for plain lists of numbers");
}

bool is_json_object(std::string_view bytes) {
  const auto first = bytes.find_first_not_of(" \t\r\n");
  return first != bytes.npos && bytes[first] == '{';
}

/// Recognised by its first bytes: .npy, JSON, else lines of numbers.
Schedule read_foreign(Input input, const ScheduleOptions& options) {
  const auto wanted = wanted_quantity(options);
  const std::string name = input.name;
  if (is_npy(input.bytes))
    return schedule_of(array_from_npy(std::move(input), wanted), name, options);
  if (!is_json_object(input.bytes))
    return schedule_of(parse_list(input.bytes, wanted, name), name, options);
  const Json json = parse_json(input.bytes, name);
  refuse_array_options(name, options);
  if (!is_diffusers_config(json) && (json.contains("format") || json.contains("betas")))
    throw Error(name + ": is a schedule file already");
  return schedule_from_diffusers(json, name);
}

/// The column of the table that a quantity is called here; any column will do.
std::string column_of(const std::string& as, const Schedule& schedule) {
  if (as.empty()) return schedule.path == Path::variance_preserving ? "beta" : "sigma";
  const auto quantity = quantity_named(as);
  if (!quantity) return as;
  switch (*quantity) {
    case Quantity::betas:
      return "beta";
    case Quantity::alpha_bars:
      return "alpha_bar";
    case Quantity::sigmas:
      return "sigma";
    case Quantity::log_snr:
      return "log_snr";
  }
  __builtin_unreachable();
}

std::vector<int> all_steps(const Schedule& schedule) {
  std::vector<int> steps;
  for (int t = 1; t <= schedule.steps(); ++t) steps.push_back(t);
  return steps;
}

std::string as_npy(const Table& table) {
  Array values(Array::shape_type{table.rows.size()});
  for (std::size_t i = 0; i < table.rows.size(); ++i) values.data()[i] = table.rows[i][0];
  return npy_bytes(values);
}

std::string as_json_array(const Table& table) {
  Json list = Json::array();
  for (const auto& row : table.rows) list.push_back(number_to_json(row[0]));
  return to_text(list);
}

std::string kind_of_output(const ScheduleOptions& options) {
  if (!options.kind.empty()) return options.kind;
  const std::string ending = extension(options.output);
  for (const char* kind : {"csv", "tsv", "npy"})
    if (ending == std::string(".") + kind) return kind;
  return "diffusers";
}

std::string plain_bytes(const Schedule& schedule, const std::string& kind,
                        const ScheduleOptions& options) {
  std::vector<std::string> names{column_of(options.as, schedule)};
  // Text has room for the timesteps, without which a respaced schedule is another.
  if (kind == "csv" || kind == "tsv") names.emplace_back("timestep");
  const Table table = table_of(schedule, all_steps(schedule), choose_columns(schedule, names));
  if (kind == "csv") return format_table(table, TableFormat::csv);
  if (kind == "tsv") return format_table(table, TableFormat::tsv);
  if (kind == "json") return as_json_array(table);
  refuse_terminal(options.output, "a .npy array");
  return as_npy(table);
}

/// As Python's json writes it: infinities without quotes, or diffusers takes them for text.
std::string python_json(const Json& json) {
  std::string text = to_text(json);
  for (const std::string value : {"-Infinity", "Infinity", "NaN"}) {
    const std::string quoted = ": \"" + value + "\"";
    for (auto at = text.find(quoted); at != text.npos; at = text.find(quoted, at))
      text.replace(at, quoted.size(), ": " + value);
  }
  return text;
}

void export_config(const Schedule& schedule, const ScheduleOptions& options) {
  if (!options.as.empty())
    throw Error("--as is for plain lists: export --to csv, tsv, npy or json");
  const std::string text = python_json(diffusers_from_schedule(schedule, options.class_name));
  if (!names_folder(options.output)) {
    need_extension(options.output, ".json");
    return write_file(options.output, text);
  }
  make_folder(options.output);
  write_file((fs::path(options.output) / config_name).string(), text);
}

}  // namespace

ExitCode import_schedule(const ScheduleOptions& options) {
  if (!options.as.empty() && !wanted_quantity(options))
    throw Error("--as " + options.as +
                ": not a quantity that defines a schedule (have: betas, "
                "alpha_bars, sigmas, log_snr)");
  write_schedule(read_foreign(read_input(options.input), options), options.output);
  return done;
}

ExitCode export_schedule(const ScheduleOptions& options) {
  const Schedule schedule = load_schedule(options.input, options.steps);
  const std::string kind = kind_of_output(options);
  if (kind == "diffusers") {
    export_config(schedule, options);
    return done;
  }
  if (!options.class_name.empty()) throw Error("--class is for export --to diffusers");
  write_file(options.output, plain_bytes(schedule, kind, options));
  return done;
}

}  // namespace diffusion::cli
