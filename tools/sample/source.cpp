#include "tools/sample/source.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/models/model_schedule.hpp"
#include "lib/schedule/grids/grid.hpp"
#include "tools/cli/device.hpp"
#include "tools/cli/image_options.hpp"
#include "tools/cli/model_options.hpp"
#include "tools/cli/schedule_options.hpp"

namespace diffusion {
namespace {

constexpr int usual_steps = 50;

Shape parse_shape(const std::string& text) {
  constexpr std::size_t most = 1 << 16, most_numbers = std::size_t(1) << 32;
  std::string crossed = text;
  std::ranges::replace(crossed, ',', 'x');
  const auto shape = parse_extents(crossed).value_or(std::vector<std::size_t>{});
  if (shape.size() != 3)
    throw Error("--shape " + text + ": needs HEIGHTxWIDTHxCHANNELS, such as 32x32x3");
  const bool small = std::ranges::all_of(shape, [](std::size_t extent) { return extent <= most; });
  if (!small || shape[0] * shape[1] * shape[2] > most_numbers)
    throw Error("--shape " + text + ": a sample is at most " + std::to_string(most) +
                " a side and has at most " + std::to_string(most_numbers) + " numbers");
  return {shape[0], shape[1], shape[2]};
}

double parse_patience(const std::string& text) {
  const auto seconds = parse_number(text);
  if (!seconds || !(*seconds >= 0))
    throw Error("--exec-timeout " + text + ": needs seconds, 0 for ever");
  return *seconds;
}

/// What a program can't say itself.
void add_exec_options(const cli::Flags& flags, ExecOptions& exec) {
  flags.read({.names = "--predict",
              .value = "WHAT",
              .help = "What an exec: model predicts, or a network without a scheduler: {}",
              .values = cli::names_of("predictions", predictions()),
              .otherwise = "eps"},
             [&](const std::string& name) { exec.predict = parse_prediction(name); });
  flags.read({"--shape", "HxWxC", "The size of an exec: model's samples"},
             [&](const std::string& text) { exec.shape = parse_shape(text); });
  flags.add({.names = "--classes",
             .value = "N",
             .help = "How many classes an exec: model knows",
             .values = cli::whole(0, 1'000'000),
             .otherwise = "0"},
            exec.classes);
  flags.read({.names = "--exec-timeout",
              .value = "SECONDS",
              .help = "Seconds an exec: model may be silent, 0 for ever",
              .otherwise = "300"},
             [&](const std::string& text) { exec.patience = parse_patience(text); });
}

}  // namespace

void add_source_options(const cli::Flags& all, SourceRequest& request) {
  const cli::Flags flags = all.under("Model");
  flags.add({.names = "model",
             .value = "MODEL",
             .help = "A model file, a diffusers folder, mixture:FILE.json, empirical:DATA, "
                     "exec:COMMAND",
             .values = cli::a_model(),
             .required = all.app().get_parent() != nullptr},
            request.model);
  cli::add_schedule(flags, request.schedule, "the model's own; cosine where it has none");
  cli::add_weights(flags, request.weights);
  flags.add({.names = "--precision",
             .value = "TYPE",
             .help = "Of a network's products: {}",
             .values = cli::one_of({"float32", "tf32", "bf16"}),
             .otherwise = std::string(usual_precision)},
            request.precision);
  cli::add_device(flags, request.device);
  add_exec_options(flags, request.exec);
}

bool is_network(const std::string& model) {
  return std::ranges::none_of(
      model_kinds(), [&](const ModelInfo& kind) { return model.starts_with(kind.prefix); });
}

namespace {

bool is_program(const std::string& model) { return model.starts_with("exec:"); }

/// How a model is read: what only the other of two (or "") can heed is not said of it.
ModelOptions options_of(const cli::Tool& tool, const SourceRequest& request,
                        const std::string& model, const std::string& other) {
  ModelOptions options{.telling = cli::telling_of(tool)};
  if (is_network(model) || other.empty() || !is_network(other)) {
    options.precision = parse_network_precision(request.precision);
    options.engine = cli::engine_on(tool, request.device);
  }
  if (is_program(model) || !is_program(other)) options.exec = request.exec;
  return options;
}

Model open_model(const cli::Tool& tool, const std::string& name, const ModelOptions& options) {
  Model model = load_model(name, options);
  cli::complain_of(tool, model.failures, model.images_used, name);
  return model;
}

/// A model without a schedule of its own follows that of its guide.
Schedule schedule_of(const Model& model, const std::optional<Guide>& guide,
                     const SourceRequest& request) {
  const bool free = request.schedule.empty() && !model.schedule;
  if (free && guide && guide->model.schedule) return *guide->model.schedule;
  return schedule_for(model, request.schedule, request.model);
}

}  // namespace

SampleSource open_source(const cli::Tool& tool, const SourceRequest& request,
                         const cli::GuideRequest& guided_by,
                         const std::optional<ImageSetOptions>& reading) {
  if (request.model.empty())
    throw Error(
        "name a model: a model file, a diffusers folder, mixture:FILE.json, empirical:DATA or "
        "exec:COMMAND");
  const bool is_guided = !guided_by.spec.empty();
  const GuideName by = is_guided ? parse_guide(guided_by.spec) : GuideName{};
  const auto read_as = [&](ModelOptions options, const std::string& weights) {
    options.weights = weights;
    options.reading = reading;
    options.schedule = request.schedule;
    return options;
  };
  Model model =
      open_model(tool, request.model,
                 read_as(options_of(tool, request, request.model, by.model), request.weights));
  std::optional<Guide> guide;
  if (is_guided) {
    if (!guided_by.weights.empty() && !is_network(by.model))
      throw Error("--guide-weights: means nothing to " + by.model + ", only to networks");
    guide = {
        by.model,
        open_model(tool, by.model,
                   read_as(options_of(tool, request, by.model, request.model), guided_by.weights)),
        by.scale};
    model.batches_at_once = std::min(model.batches_at_once, guide->model.batches_at_once);
  }
  Schedule schedule = schedule_of(model, guide, request);
  if (!request.schedule.empty())
    for (const std::string& note : schedule.notes) tool.say(note);
  if (guide) check_guide(*guide, model, schedule, request.model);
  PipelineDrawing drawing = usual_drawing(model, request.model);
  for (const std::string& note : drawing.notes) tool.say(tool.worded(note));
  return {std::move(model), std::move(schedule), std::move(drawing), std::move(guide)};
}

namespace {

void finish_model(const cli::Tool& tool, const Model& model) {
  if (!model.finish) return;
  if (const auto wrong = model.finish()) tool.complain(*wrong);
}

}  // namespace

void finish(const cli::Tool& tool, const SampleSource& source) {
  finish_model(tool, source.model);
  if (source.guide) finish_model(tool, source.guide->model);
}

cli::ExitCode ending(const SampleSource& source, std::size_t left_out) {
  const bool whole = source.model.failures.empty() &&
                     (!source.guide || source.guide->model.failures.empty()) && left_out == 0;
  return whole ? cli::done : cli::partial;
}

void add_grid_options(const cli::Flags& all, GridRequest& request) {
  const cli::Flags flags = all.under("How to draw");
  flags.add({.names = "--steps",
             .value = "N",
             .help = "Intervals of the grid",
             .values = cli::whole(1, max_steps),
             .otherwise = std::to_string(usual_steps)},
            request.steps);
  flags.add({"--grid", "SPEC", "Noise levels to visit: trailing, karras:rho=7, ..., or a file",
             cli::a_grid()},
            request.spec);
}

std::vector<NoiseLevel> grid_of(const Schedule& schedule, const GridRequest& request) {
  const int usual = grid_has_own_count(request.spec) ? 0 : std::min(usual_steps, schedule.steps());
  return load_grid(request.spec, schedule, request.steps != 0 ? request.steps : usual);
}

}  // namespace diffusion
