#include "tools/noise/undo.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/file_kind.hpp"
#include "lib/base/json.hpp"
#include "lib/base/path.hpp"
#include "lib/base/text.hpp"
#include "lib/noise/undo.hpp"
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

/// The places of `rows` rows, or of all alike.
std::vector<UndoPlace> places(const UndoRequest& request, std::size_t rows) {
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
  if (steps.dimension() != 1 || steps.size() != rows)
    throw Error(request.step + ": holds " + std::to_string(steps.size()) + " steps for " +
                std::to_string(rows) + " rows");
  for (const double t : steps) {
    if (t != std::floor(t)) throw Error(request.step + ": " + shortest(t) + " is not a step");
    all.push_back(undo_place(schedule, std::int64_t(t), request.to));
  }
  return all;
}

Denoised undo(const UndoRequest& request, const Tensor& x_t, const Tensor& predicted,
              const NoiseLevel& at) {
  return undone(parse_prediction(request.predicts), predicted, x_t, at,
                request.clip ? UndoClip::limited : UndoClip::none);
}

/// Row n of an array, or all of it where it is one row.
Tensor row_of(const Tensor& array, std::size_t row, std::size_t rows) {
  Tensor out(rows == 1 ? array.shape() : Shape(array.shape().begin() + 1, array.shape().end()));
  std::copy_n(array.data() + row * out.size(), out.size(), out.data());
  return out;
}

void write_array(const UndoRequest& request, const Tensor& x_t, const Tensor& predicted) {
  const std::size_t rows = names_steps(request.step) && x_t.dimension() > 0 ? x_t.shape(0) : 1;
  const auto all = places(request, rows);
  const std::string give = request.give.empty() ? "x0" : request.give;
  Tensor out(x_t.shape());
  for (std::size_t n = 0; n < rows; ++n) {
    const Tensor x = row_of(x_t, n, rows), p = row_of(predicted, n, rows);
    const bool known = give == request.predicts && !request.clip;
    const Tensor made = known ? p : undo_quantity(give, undo(request, x, p, all[n].at), x, all[n]);
    std::ranges::copy(made, out.data() + n * made.size());
  }
  if (request.output != "-") need_extension(request.output, ".npy");
  refuse_terminal(request.output, "a .npy array");
  write_npy(request.output, out);
}

/// The quantities wanted, by name, as numbers.
Json values_of(const UndoRequest& request, const Tensor& x_t, const Tensor& predicted) {
  const UndoPlace place = places(request, 1)[0];
  const Denoised denoised = undo(request, x_t, predicted, place.at);
  Json values = Json::object();
  for (const std::string_view name : undo_quantities) {
    if (!request.give.empty() && request.give != name) continue;
    const bool known = request.predicts == name && !request.clip;
    Json list = Json::array();
    for (const float value : known ? predicted : undo_quantity(name, denoised, x_t, place))
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

void check(const UndoRequest& request) {
  if (request.step.empty() == !request.alpha_bar)
    throw Error(request.alpha_bar ? "-t: means nothing beside --alpha-bar, which is in its place"
                                  : "undo: needs -t with a schedule, or --alpha-bar");
  if (request.beta && !request.alpha_bar) throw Error("--beta: goes with --alpha-bar");
  if (request.to && request.alpha_bar) throw Error("--to: goes with -t; with --alpha-bar, --beta");
  const std::string* const arrays[] = {&request.x_t, &request.predicted, &request.step};
  if (std::ranges::count_if(arrays, [](const std::string* path) { return *path == "-"; }) > 1)
    throw Error("undo: standard input holds one of the arrays");
}

}  // namespace

const CLI::App* add_undo(cli::Tool& tool, UndoRequest& request) {
  const cli::Flags flags =
      tool.add_command("undo", "From x_t and a prediction to x0, eps, score, ...");
  const cli::Values arrays = cli::files({".npy"});
  cli::Values predicted = cli::one_of({"eps", "x0", "v", "u", "score"});
  predicted.canonical = cli::names_of("", predictions()).canonical;
  flags.add({.names = "x_t",
             .value = "X_T",
             .help = "Noisy data: FILE.npy, or numbers",
             .values = arrays,
             .required = true},
            request.x_t);
  flags.add({.names = "prediction",
             .value = "PREDICTION",
             .help = "What a network said: FILE.npy, or numbers",
             .values = arrays,
             .required = true},
            request.predicted);
  flags.add({.names = "--predict",
             .value = "WHAT",
             .help = "{}",
             .values = predicted,
             .formerly = "--predicts"},
            request.predicts);
  flags.add({"-t", "T", "The step, or FILE.npy with one a row", arrays}, request.step);
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
  flags.add({"--clip", "", "Clip x0 to [-1, 1], and derive the rest from that"}, request.clip);
  flags.add({.names = "--give",
             .value = "WHAT",
             .help = "{}",
             .values = cli::one_of({"x0", "eps", "v", "u", "score", "mean"}),
             .otherwise = "all, or x0"},
            request.give);
  flags.add({.names = "-o,--output",
             .value = "FILE",
             .help = "FILE.npy",
             .values = arrays,
             .otherwise = "standard output"},
            request.output);
  return &flags.app();
}

cli::ExitCode run_undo(const cli::Tool& tool, const UndoRequest& request) {
  check(request);
  const Tensor x_t = read_quantity(request.x_t, "x_t");
  const Tensor predicted = read_quantity(request.predicted, "a prediction");
  if (x_t.shape() != predicted.shape())
    throw Error(request.predicted + ": " + describe(predicted.shape()) + " where x_t is " +
                describe(x_t.shape()));
  if (names_array(request.x_t) || names_array(request.predicted) || request.output != "-") {
    if (tool.common().json) throw Error("--json: is for numbers; what is written is a .npy array");
    write_array(request, x_t, predicted);
    return cli::done;
  }
  const Json values = values_of(request, x_t, predicted);
  std::cout << (tool.common().json ? to_text(values) : as_lines(values));
  return cli::done;
}

}  // namespace diffusion
