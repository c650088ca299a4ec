#include "tools/sample_source.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/schedule/grid.hpp"

namespace diffusion {
namespace {

constexpr int usual_steps = 50;

Schedule schedule_of(const Model& model, const SourceRequest& request) {
  if (request.schedule.empty()) return model.schedule ? *model.schedule : make_schedule("cosine");
  Schedule schedule = load_schedule(request.schedule);
  if (model.schedule && model.schedule->path != schedule.path)
    throw Error(request.schedule + ": its process is another than the one " + request.model +
                " was trained on (" + model.schedule->family + ")");
  return schedule;
}

}  // namespace

void add_source_options(CLI::App& app, SourceRequest& request) {
  app.option_defaults()->group("Model");
  app.add_option("model", request.model, "A model file, or mixture:FILE.json")->type_name("MODEL");
  app.add_option("-s,--schedule", request.schedule,
                 "Schedule (default: the model's own; cosine where it has none)")
      ->type_name("SPEC");
  app.add_option("--weights", request.weights, "ema, ema:RATE or raw (default: ema)")
      ->type_name("WHICH");
  app.add_option("--precision", request.precision,
                 "Of a network's products: float32 or bf16 (default: float32)")
      ->check(CLI::IsMember({"float32", "bf16"}).description(""))
      ->type_name("TYPE");
}

SampleSource open_source(const SourceRequest& request) {
  if (request.model.empty()) throw Error("name a model: a model file, or mixture:FILE.json");
  Model model = load_model(request.model, {.weights = request.weights,
                                           .precision = *nn::parse_dtype(request.precision)});
  Schedule schedule = schedule_of(model, request);
  return {std::move(model), std::move(schedule)};
}

void add_grid_options(CLI::App& app, GridRequest& request) {
  app.option_defaults()->group("How to draw");
  app.add_option("--steps", request.steps, "Intervals of the grid (default: 50)")
      ->check(CLI::Range(1, max_steps).description(""))
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
