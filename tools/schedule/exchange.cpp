#include "tools/schedule/exchange.hpp"

#include <filesystem>
#include <optional>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/file_kind.hpp"
#include "lib/base/path.hpp"
#include "lib/noise/prediction_type.hpp"
#include "lib/schedule/exchange/diffusers_config.hpp"
#include "lib/schedule/exchange/foreign.hpp"
#include "lib/schedule/table.hpp"
#include "lib/tensor/formats/npy.hpp"
#include "tools/cli/output_files.hpp"

namespace diffusion::cli {
namespace {

std::optional<Quantity> wanted_quantity(const ScheduleOptions& options) {
  return options.as.empty() ? std::nullopt : quantity_named(options.as);
}

std::vector<double> numbers_of_npy(std::string bytes, const std::string& culprit) {
  const NpyArray array = npy_from_bytes(std::move(bytes), culprit);
  if (array.shape.size() != 1)
    throw Error(culprit + ": has " + std::to_string(array.shape.size()) +
                " dimensions, where a list of numbers has one");
  std::vector<double> numbers(array.count());
  convert(array, 0, array.count(), numbers.data());
  return numbers;
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

Schedule read_input(const ScheduleOptions& options) {
  const std::string path = schedule_file(options.input);
  const std::string name = path == "-" ? "standard input" : path;
  std::string bytes = read_text(path);
  if (bytes.find_first_not_of(" \t\r\n") == bytes.npos)
    throw Error(name + ": is empty, where a configuration or a list of numbers belongs");
  const bool as_list = !options.as.empty() || !options.process.empty();
  if (as_list && file_kind(bytes) == FileKind::json_object)
    throw Error(name + ": describes itself; --as and --process are for plain lists of numbers");
  auto read = read_foreign(std::move(bytes), name, wanted_quantity(options), numbers_of_npy);
  if (auto* schedule = std::get_if<Schedule>(&read)) return std::move(*schedule);
  return schedule_of(std::get<PlainArray>(std::move(read)), name, options);
}

/// Any column will do.
std::string exported_column(const std::string& as, const Schedule& schedule) {
  if (as.empty()) return usual_column(schedule);
  const auto quantity = quantity_named(as);
  return quantity ? column_of(*quantity) : as;
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
  if (!options.kind.empty()) {
    const std::string ending = options.kind == "diffusers" ? "json" : options.kind;
    refuse_other_format(options.output, "." + ending, "--to " + options.kind);
    return options.kind;
  }
  const std::string ending = extension_of(options.output);
  for (const char* kind : {"csv", "tsv", "npy"})
    if (ending == std::string(".") + kind) return kind;
  return "diffusers";
}

std::string plain_bytes(const Schedule& schedule, const std::string& kind,
                        const ScheduleOptions& options) {
  std::vector<std::string> names{exported_column(options.as, schedule)};
  // Text has room for the timesteps, without which a respaced schedule is another.
  if (kind == "csv" || kind == "tsv") names.emplace_back("timestep");
  const Table table = table_of(schedule, all_steps(schedule), choose_columns(schedule, names));
  if (kind == "csv") return format_table(table, TableFormat::csv);
  if (kind == "tsv") return format_table(table, TableFormat::tsv);
  if (kind == "json") return as_json_array(table);
  refuse_terminal(options.output, "a .npy array");
  return as_npy(table);
}

Json configuration_of(const Schedule& schedule, const ScheduleOptions& options) {
  Json config = diffusers_from_schedule(schedule, options.class_name);
  return options.predicts ? with_prediction(std::move(config), *options.predicts) : config;
}

void write_config(const Json& config, const std::string& output) {
  const std::string text = python_json(config);
  if (!names_folder(output)) {
    need_extension(output, ".json");
    return write_file(output, text);
  }
  make_folder(output);
  write_file((std::filesystem::path(output) / diffusers_config_name).string(), text);
}

void export_config(const Schedule& schedule, const ScheduleOptions& options) {
  if (!options.as.empty())
    throw Error("--as is for plain lists: export --to csv, tsv, npy or json");
  const Json config = configuration_of(schedule, options);
  write_config(config, options.output);
  if (leaves_prediction_open(config))
    options.say(
        "the configuration does not say what its networks predict, which diffusers takes for eps; "
        "--predict says it");
}

}  // namespace

ExitCode import_schedule(const ScheduleOptions& options) {
  if (!options.as.empty() && !wanted_quantity(options))
    throw Error("--as " + options.as +
                ": not a quantity that defines a schedule (have: betas, "
                "alpha_bars, sigmas, log_snr)");
  const Schedule imported = read_input(options);
  say_notes(options, imported);
  write_schedule(imported, options.output);
  return done;
}

ExitCode export_schedule(const ScheduleOptions& options) {
  const std::string kind = kind_of_output(options);
  if (kind != "npy") refuse_binary_name(options.output, "what is exported");
  const Schedule schedule = load_input(options);
  if (kind == "diffusers") {
    export_config(schedule, options);
    return done;
  }
  if (!options.class_name.empty()) throw Error("--class is for export --to diffusers");
  if (options.predicts) throw Error("--predict is for export --to diffusers");
  write_file(options.output, plain_bytes(schedule, kind, options));
  return done;
}

}  // namespace diffusion::cli
