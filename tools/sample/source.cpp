#include "tools/sample/source.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/models/model_schedule.hpp"
#include "lib/schedule/grids/grid.hpp"
#include "tools/cli/option_group.hpp"

namespace diffusion {
namespace {

constexpr int usual_steps = 50;

Shape parse_shape(const std::string& text) {
  constexpr std::int64_t most = 1 << 16;
  Shape shape;
  for (const auto& part : split(text, text.find(',') == text.npos ? 'x' : ',')) {
    const auto extent = parse_integer(part);
    if (!extent || *extent < 1 || *extent > most) break;
    shape.push_back(std::size_t(*extent));
  }
  if (shape.size() != 3 || shape[0] * shape[1] * shape[2] > std::size_t(1) << 32)
    throw Error("--shape " + text + ": needs HEIGHTxWIDTHxCHANNELS, such as 32x32x3");
  return shape;
}

double parse_patience(const std::string& text) {
  const auto seconds = parse_number(text);
  if (!seconds || !(*seconds >= 0))
    throw Error("--exec-timeout " + text + ": needs seconds, 0 for ever");
  return *seconds;
}

/// What a program can't say itself.
void add_exec_options(CLI::App& app, ExecOptions& exec) {
  app.add_option_function<std::string>(
         "--predict", [&](const std::string& name) { exec.predict = parse_prediction(name); },
         "What an exec: model predicts: eps, x0, v, u, score or edm (default: eps)")
      ->type_name("WHAT");
  app.add_option_function<std::string>(
         "--shape", [&](const std::string& text) { exec.shape = parse_shape(text); },
         "The size of an exec: model's samples")
      ->type_name("HxWxC");
  app.add_option("--classes", exec.classes, "How many classes an exec: model knows (default: 0)")
      ->check(cli::range(0, 1'000'000))
      ->type_name("N");
  app.add_option_function<std::string>(
         "--exec-timeout", [&](const std::string& text) { exec.patience = parse_patience(text); },
         "Seconds an exec: model may be silent, 0 for ever (default: 300)")
      ->type_name("SECONDS");
}

}  // namespace

void add_source_options(CLI::App& app, SourceRequest& request) {
  const cli::OptionGroup group(app, "Model");
  app.add_option(
         "model", request.model,
         "A model file, a diffusers folder, mixture:FILE.json, empirical:DATA, exec:COMMAND")
      ->type_name("MODEL");
  app.add_option("-s,--schedule", request.schedule,
                 "Schedule (default: the model's own; cosine where it has none)")
      ->type_name("SPEC");
  app.add_option("--weights", request.weights, "ema, ema:RATE or raw (default: ema)")
      ->type_name("WHICH");
  app.add_option("--precision", request.precision,
                 "Of a network's products: float32 or bf16 (default: float32)")
      ->check(CLI::IsMember({"float32", "bf16"}).description(""))
      ->type_name("TYPE");
  add_exec_options(app, request.exec);
}

SampleSource open_source(const SourceRequest& request) {
  if (request.model.empty())
    throw Error(
        "name a model: a model file, a diffusers folder, mixture:FILE.json, empirical:DATA or "
        "exec:COMMAND");
  Model model = load_model(request.model, {.weights = request.weights,
                                           .precision = *nn::parse_dtype(request.precision),
                                           .exec = request.exec});
  Schedule schedule = schedule_for(model, request.schedule, request.model);
  return {std::move(model), std::move(schedule)};
}

void finish(const cli::Tool& tool, const Model& model) {
  if (!model.finish) return;
  if (const auto wrong = model.finish()) tool.complain(*wrong);
}

void add_grid_options(CLI::App& app, GridRequest& request) {
  const cli::OptionGroup group(app, "How to draw");
  app.add_option("--steps", request.steps, "Intervals of the grid (default: 50)")
      ->check(cli::range(1, max_steps))
      ->type_name("N");
  app.add_option(
         "--grid", request.spec,
         "Noise levels to visit: trailing, karras:rho=7, ..., or a file (default: trailing)")
      ->type_name("SPEC");
}

std::vector<NoiseLevel> grid_of(const Schedule& schedule, const GridRequest& request) {
  const int usual = grid_has_own_count(request.spec) ? 0 : std::min(usual_steps, schedule.steps());
  return load_grid(request.spec, schedule, request.steps != 0 ? request.steps : usual);
}

}  // namespace diffusion
