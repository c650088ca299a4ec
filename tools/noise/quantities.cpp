#include "tools/noise/quantities.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/file_kind.hpp"
#include "lib/base/json.hpp"
#include "lib/base/path.hpp"
#include "lib/base/text.hpp"
#include "lib/schedule/schedule_json.hpp"
#include "lib/schedule/transition.hpp"
#include "lib/tensor/finite.hpp"
#include "lib/tensor/formats/npy.hpp"
#include "tools/cli/schedule_options.hpp"

namespace diffusion {
namespace {

/// A file of any kind: what is wrong with it, its reader says. A pipe as well.
bool names_array(const std::string& text) {
  std::error_code none;
  return text.ends_with(".npy") || is_stream(text) || std::filesystem::is_regular_file(text, none);
}

/// A step is a number, also beside a file of that name.
bool names_steps(const std::string& text) { return !parse_integer(text) && names_array(text); }

/// Numbers of the command line as an array with one axis.
Tensor numbers(const std::string& text, const std::string& what) {
  std::vector<float> values;
  for (const auto& word : split(text, ',')) {
    const auto value = parse_number(word);
    if (value && !std::isfinite(float(*value)))
      throw Error(what + " " + text + ": holds a value that is " + not_finite);
    if (!value)
      throw Error(text + ": is neither numbers, such as 1.2,-0.3, nor a .npy file of " + what);
    values.push_back(float(*value));
  }
  Tensor tensor(Shape{values.size()});
  std::ranges::copy(values, tensor.data());
  return tensor;
}

/// What comes through a pipe is read once, and known by its first bytes.
NpyArray read_array(const std::string& path, const std::string& what) {
  if (path == "-" || !is_stream(path)) return read_npy(path);
  InputFile file(path);
  if (is_npy(file.front())) return npy_from_bytes(file.rest(), file.name());
  const std::string wanted = "a .npy file of " + what;
  refuse_known_kind(file_kind(file.front()), file.name(), wanted);
  throw Error(file.name() + ": is not " + wanted);
}

Tensor read_quantity(const std::string& text, const std::string& what) {
  if (!names_array(text)) return numbers(text, what);
  const NpyArray array = read_array(text, what);
  if (!is_floating(array.type))
    throw Error(text + ": holds " + name_of(array.type) + "; " + what + " is an array of floats");
  Tensor tensor = array.to_tensor();
  need_finite(tensor, text);
  return tensor;
}

constexpr double most_steps = 1e9;  // far beyond any schedule

/// The places of `rows` rows, or of all alike.
std::vector<UndoPlace> places(const QuantityRequest& request, std::size_t rows) {
  if (request.alpha_bar) return {undo_place(*request.alpha_bar, request.beta)};
  const Schedule schedule = load_schedule(request.schedule, request.length);
  std::vector<UndoPlace> all;
  if (!names_steps(request.step)) {
    const auto t = parse_integer(request.step);
    if (!t) throw Error("-t " + request.step + ": needs one step, or a .npy file of one a row");
    all.push_back(undo_place(schedule, *t, request.to));
    return all;
  }
  const Array steps = read_array(request.step, "steps").to_array();
  if (steps.dimension() != 1)
    throw Error(request.step + ": an array of " + std::to_string(steps.dimension()) +
                " axes, where steps have one");
  if (steps.size() != rows)
    throw Error(request.step + ": holds " + std::to_string(steps.size()) + " steps for " +
                std::to_string(rows) + " rows");
  for (const double t : steps) {
    if (t != std::floor(t) || std::abs(t) > most_steps)
      throw Error(request.step + ": " + shortest(t) + " is not a step");
    all.push_back(undo_place(schedule, std::int64_t(t), request.to));
  }
  return all;
}

/// Row n of an array, or all of it where it is one row.
Tensor row_of(const Tensor& array, std::size_t row, std::size_t rows) {
  Tensor out(rows == 1 ? array.shape() : Shape(array.shape().begin() + 1, array.shape().end()));
  std::copy_n(array.data() + row * out.size(), out.size(), out.data());
  return out;
}

/// The two of one shape.
struct Given {
  Tensor first, second;
};

Given read_given(const QuantityRequest& request, const QuantityTask& task) {
  Given given{read_quantity(request.first, task.first), read_quantity(request.second, task.second)};
  if (given.first.shape() != given.second.shape())
    throw Error(request.second + ": " + describe(given.second.shape()) + " where " + task.first +
                " is " + describe(given.first.shape()));
  return given;
}

void write_array(const QuantityRequest& request, const QuantityTask& task, const Given& given) {
  const Shape& shape = given.first.shape();
  const std::size_t rows = names_steps(request.step) && !shape.empty() ? shape[0] : 1;
  const auto all = places(request, rows);
  const std::string_view give = request.give.empty() ? task.answers[0] : request.give;
  Tensor out(shape);
  for (std::size_t n = 0; n < rows; ++n) {
    const Tensor made =
        task.answer(give, row_of(given.first, n, rows), row_of(given.second, n, rows), all[n]);
    std::ranges::copy(made, out.data() + n * made.size());
  }
  if (request.output != "-") need_extension(request.output, ".npy");
  refuse_terminal(request.output, "a .npy array");
  write_npy(request.output, out);
}

/// The answers wanted, by name, as numbers.
Json values_of(const QuantityRequest& request, const QuantityTask& task, const Given& given) {
  const UndoPlace place = places(request, 1)[0];
  Json values = Json::object();
  for (const std::string_view name : task.answers) {
    if (!request.give.empty() && request.give != name) continue;
    Json list = Json::array();
    for (const float value : task.answer(name, given.first, given.second, place))
      list.push_back(number_to_json(value));
    values[std::string(name)] = std::move(list);
  }
  if (request.give.empty())
    values["variance"] = {number_to_json(posterior_step(place.at, place.to).variance)};
  return values;
}

std::string as_lines(const Json& values) {
  std::string text;
  for (const auto& [name, list] : values.items()) {
    text += name + '\t';
    for (std::size_t i = 0; i < list.size(); ++i)
      text += (i == 0 ? "" : ",") + significant(number_from_json(list[i], name), 6);
    text += '\n';
  }
  return text;
}

void check(const QuantityRequest& request, std::string_view command) {
  const std::string name(command);
  if (request.step.empty() == !request.alpha_bar)
    throw Error(request.alpha_bar ? "-t: means nothing beside --alpha-bar, which is in its place"
                                  : name + ": needs -t with a schedule, or --alpha-bar");
  if (request.beta && !request.alpha_bar) throw Error("--beta: goes with --alpha-bar");
  if (request.to && request.alpha_bar) throw Error("--to: goes with -t; with --alpha-bar, --beta");
  const std::string* const arrays[] = {&request.first, &request.second, &request.step};
  if (std::ranges::count_if(arrays, [](const std::string* path) { return *path == "-"; }) > 1)
    throw Error(name + ": standard input holds one of the arrays");
}

}  // namespace

void add_place_options(const cli::Flags& flags, QuantityRequest& request) {
  flags.add({"-t", "T", "The step, or FILE.npy with one a row", cli::files({".npy"})},
            request.step);
  cli::add_schedule(flags, request.schedule);
  cli::add_length(flags, request.length);
  flags.add({.names = "--to",
             .value = "T",
             .help = "The mean is of x at this step",
             .otherwise = "one before t"},
            request.to);
  flags.add({.names = "--alpha-bar",
             .value = "X",
             .help = "In place of a schedule and a step",
             .excludes = {"--schedule", "-T"}},
            request.alpha_bar);
  flags.add({"--beta", "X", "With --alpha-bar: of its step, for the mean"}, request.beta);
}

void add_array_output(const cli::Flags& flags, QuantityRequest& request) {
  flags.add({.names = "-o,--output",
             .value = "FILE",
             .help = "FILE.npy",
             .values = cli::files({".npy"}),
             .otherwise = "standard output"},
            request.output);
}

cli::ExitCode answer(const cli::Tool& tool, const QuantityRequest& request,
                     const QuantityTask& task) {
  check(request, task.command);
  const Given given = read_given(request, task);
  if (names_array(request.first) || names_array(request.second) || request.output != "-") {
    if (tool.common().json) throw Error("--json: is for numbers; what is written is a .npy array");
    write_array(request, task, given);
    return cli::done;
  }
  const Json values = values_of(request, task, given);
  std::cout << (tool.common().json ? to_text(values) : as_lines(values));
  return cli::done;
}

}  // namespace diffusion
