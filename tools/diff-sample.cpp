// Draws samples from a model with any sampler, on any grid of noise levels.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <memory>

#include "lib/base/error.hpp"
#include "lib/base/interrupt.hpp"
#include "lib/base/text.hpp"
#include "lib/models/model.hpp"
#include "lib/noise/wrappers.hpp"
#include "lib/sample/trajectory.hpp"
#include "lib/schedule/grid.hpp"
#include "lib/tensor/npy.hpp"
#include "tools/cli.hpp"
#include "tools/sample_classes.hpp"
#include "tools/sample_output.hpp"

using namespace diffusion;

namespace {

struct Options {
  std::string model, schedule, sampler = "ddim", grid = "trailing", weights = "ema",
                               precision = "float32";
  std::string output, sheet, start, draws, trajectory;
  std::optional<std::size_t> count;
  std::size_t batch = 64;
  std::uint64_t first = 0;
  int steps = 0;
  cli::ClassRequest classes;
  bool as_float = false, no_clip = false, nfe = false;
};

constexpr int usual_steps = 50;
constexpr std::size_t usual_count = 16, usual_count_a_class = 8;

std::size_t count_of(const Options& options, const std::vector<int>& classes) {
  return options.count.value_or(classes.size() > 1 ? usual_count_a_class * classes.size()
                                                   : usual_count);
}

Schedule schedule_of(const Model& model, const Options& options) {
  if (options.schedule.empty()) return model.schedule ? *model.schedule : make_schedule("cosine");
  Schedule schedule = load_schedule(options.schedule);
  if (model.schedule && model.schedule->path != schedule.path)
    throw Error(options.schedule + ": its process is another than the one " + options.model +
                " was trained on (" + model.schedule->family + ")");
  return schedule;
}

std::vector<NoiseLevel> grid_of(const Schedule& schedule, const Options& options) {
  const int usual = grid_has_own_count(options.grid) ? 0 : std::min(usual_steps, schedule.steps());
  return load_grid(options.grid, schedule, options.steps != 0 ? options.steps : usual);
}

void need_samples_of(const Tensor& states, std::size_t axes_before, const Shape& sample,
                     const std::string& path) {
  const auto& shape = states.shape();
  const bool fits = shape.size() == axes_before + sample.size() &&
                    std::equal(sample.begin(), sample.end(), shape.end() - 3);
  if (!fits)
    throw Error(path + ": is " + describe(shape) + " where the model needs " +
                (axes_before == 1 ? "N x " : "draws x N x ") + describe(sample));
  const auto odd = std::ranges::find_if_not(states, [](float x) { return std::isfinite(x); });
  if (odd != states.end())
    throw Error(path + ": value " + std::to_string(odd - states.begin()) + " is not finite");
}

GenerateRequest request_of(const Model& model, const Options& options,
                           const std::vector<int>& classes) {
  GenerateRequest request{.shape = model.shape,
                          .first = options.first,
                          .count = count_of(options, classes),
                          .batch = options.batch};
  if (!options.start.empty()) {
    request.start = read_npy(options.start).to_tensor();
    need_samples_of(*request.start, 1, model.shape, options.start);
    const std::size_t rows = request.start->shape()[0];
    if (options.count && *options.count != rows)
      throw Error(options.start + ": holds " + std::to_string(rows) + " states, not -n " +
                  std::to_string(*options.count));
    request.count = rows;
  }
  if (!options.draws.empty()) {
    request.draws = read_npy(options.draws).to_tensor();
    need_samples_of(*request.draws, 2, model.shape, options.draws);
    if (request.draws->shape()[1] != request.count)
      throw Error(options.draws + ": holds draws for " + std::to_string(request.draws->shape()[1]) +
                  " samples, not " + std::to_string(request.count));
  }
  return request;
}

DenoiserOf denoisers(const Model& model, const Options& options, const std::vector<int>& classes) {
  const bool clip = model.images && !options.no_clip;
  return [&, clip](std::size_t offset, std::size_t size) {
    const Denoiser plain = cli::class_denoiser(model, classes, options.classes.scale.value_or(1),
                                               options.first + offset, size);
    return clip ? clipped(plain) : plain;
  };
}

/// A row a class where there are several.
std::vector<std::string> sheet_rows(const Model& model, const std::vector<int>& classes,
                                    std::uint64_t first) {
  std::vector<std::string> names;
  for (std::size_t row = 0; classes.size() > 1 && row < classes.size(); ++row)
    names.push_back(cli::class_name(model, cli::class_of(classes, first + row)));
  return names;
}

cli::ExitCode sample(const cli::Tool& tool, const Options& options, std::uint64_t seed) {
  cli::need_extension(options.trajectory, ".npz");
  const Model model = load_model(options.model, {.weights = options.weights,
                                                 .precision = *nn::parse_dtype(options.precision)});
  const auto classes = cli::chosen_classes(model, options.classes, options.model);
  const Schedule schedule = schedule_of(model, options);
  const auto grid = grid_of(schedule, options);
  const Sampler sampler = make_sampler(options.sampler);
  GenerateRequest request = request_of(model, options, classes);
  if (sampler_row(options.sampler).pace == Pace::state) request.batch = 1;
  const bool only_extras = !options.sheet.empty() || !options.trajectory.empty();
  const auto writers =
      cli::sample_writers({.path = options.output.empty() && !only_extras ? "-" : options.output,
                           .sheet = options.sheet,
                           .first = request.first,
                           .count = request.count,
                           .sheet_rows = sheet_rows(model, classes, request.first),
                           .shape = request.shape,
                           .as_float = options.as_float});

  std::optional<Trajectory> trajectory;
  if (!options.trajectory.empty()) trajectory.emplace(request);
  GenerateWatch watch = trajectory ? trajectory->watch() : GenerateWatch{};

  const std::size_t batches = (request.count + request.batch - 1) / request.batch;
  Progress progress(tool.progress(), "sampling", batches * (grid.size() - 1), "steps");
  std::size_t steps_done = 0, samples_done = 0;
  watch.at_level = [&, inner = std::move(watch.at_level)](auto offset, auto index, const auto& x) {
    if (inner) inner(offset, index, x);
    if (index == 0) return;
    const std::string note =
        std::to_string(samples_done) + "/" + std::to_string(request.count) + " samples";
    progress.update(++steps_done, note);
  };

  std::size_t evaluations = 0;
  watch.evaluated = [&, inner = std::move(watch.evaluated)](auto offset, const auto& x,
                                                            const auto& at, const auto& denoised) {
    if (inner) inner(offset, x, at, denoised);
    ++evaluations;
  };

  const DenoiserOf denoiser = denoisers(model, options, classes);
  const NoiseSource noise(seed, "diff-sample");
  const LevelOf level_of = [&](double lambda) { return schedule.at_lambda(lambda); };
  generate(request, {denoiser, sampler, grid, schedule.path, noise, level_of}, watch,
           [&](std::size_t offset, const Tensor& samples) {
             for (const auto& writer : writers) writer->take(offset, samples);
             samples_done += samples.shape()[0];
           });
  for (const auto& writer : writers) writer->finish();
  if (trajectory) trajectory->write(options.trajectory);
  if (options.nfe)
    tool.say("nfe " + significant(double(evaluations) / double(batches), 6) + ": " +
             std::to_string(grid.size() - 1) + " steps of " + options.sampler);
  return cli::done;
}

cli::ExitCode list() {
  for (const SamplerInfo& row : samplers())
    std::cout << row.name << '\t' << row.order << '\t' << (row.draws == Draws::noise ? "noise" : "-")
              << '\t' << row.calls << '\t' << row.summary << '\t' << row.reference << '\n';
  return cli::done;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  bool list_samplers = false;
  cli::Tool tool(
      "diff-sample", "draw samples from a diffusion model",
      {{"diff-sample model.safetensors -n 64 -o samples/ --sheet sheet.png",
        "64 pictures, and all of them on one"},
       {"diff-sample model.safetensors -n 10000 --steps 20 -o - | diff-fid real/ -",
        "straight into the measurement"},
       {"diff-sample model.safetensors --sampler ddim:eta=1 --steps 1000 -o ddpm.npz",
        "ancestral sampling as in DDPM"},
       {"diff-sample model.safetensors --class all --cfg 2 --sheet classes.png",
        "a row of every class, guided"},
       {"diff-sample mixture:two.json -n 1000 --float -o points.npy", "a model without a network"},
       {"diff-sample --list", "all samplers"}});
  CLI::App& app = tool.app();
  app.add_option("model", options.model, "A model file, or mixture:FILE.json")->type_name("MODEL");
  app.add_option("-n,--count", options.count, "How many samples (default: 16, or as --init has)")
      ->check(CLI::Range(std::size_t(1), std::size_t(1) << 40).description(""))
      ->type_name("N");
  app.add_option("-o,--output", options.output,
                 "Folder, .npy, .npz, or - for an array on standard output (the default)")
      ->type_name("PATH");
  app.add_option("--sheet", options.sheet, "Also write one picture of all samples")
      ->type_name("FILE");
  app.add_flag("--float", options.as_float, "Arrays of float32 in [-1, 1] rather than 8 bits");
  app.add_option("--steps", options.steps, "Intervals of the grid (default: 50)")
      ->check(CLI::Range(1, max_steps).description(""))
      ->type_name("N");
  app.add_option("--sampler", options.sampler, "Sampler and parameters (default: ddim)")
      ->type_name("SPEC");
  app.add_option(
         "--grid", options.grid,
         "Noise levels to visit: trailing, karras:rho=7, ..., or a file (default: trailing)")
      ->type_name("SPEC");
  app.add_option("-s,--schedule", options.schedule,
                 "Schedule (default: the model's own; cosine where it has none)")
      ->type_name("SPEC");
  app.add_option("--weights", options.weights, "ema, ema:RATE or raw (default: ema)")
      ->type_name("WHICH");
  app.add_option("--precision", options.precision,
                 "Of a network's products: float32 or bf16 (default: float32)")
      ->check(CLI::IsMember({"float32", "bf16"}).description(""))
      ->type_name("TYPE");
  app.add_option("--class", options.classes.classes,
                 "Classes that samples take turns in: numbers, names, or all (a row each)")
      ->type_name("CLASS,...");
  app.add_option("--cfg", options.classes.scale,
                 "Guide towards the class; 1 is no guidance, 1 + w in the literature (default: 1)")
      ->type_name("SCALE");
  app.add_flag("--no-clip", options.no_clip, "Do not limit estimates of clean images to [-1, 1]");
  app.add_option("--first", options.first, "Number of the first sample of the seed (default: 0)")
      ->check(cli::whole_number())
      ->type_name("K");
  app.add_option("--batch", options.batch, "Samples carried at once (default: 64)")
      ->check(CLI::Range(std::size_t(1), std::size_t(65536)).description(""))
      ->type_name("N");
  app.add_option("--init", options.start, "Begin from these states, N x H x W x C")
      ->type_name("FILE.npy");
  app.add_option("--noise-from", options.draws,
                 "Take fresh noise from here, draws x N x H x W x C, in the order of asking")
      ->type_name("FILE.npy");
  app.add_option("--trajectory", options.trajectory, "Record all states and estimates")
      ->type_name("FILE.npz");
  app.add_flag("--nfe", options.nfe, "Say how often the model was evaluated for a sample");
  app.add_flag("--list", list_samplers, "List the samplers and exit");
  tool.add_seed();

  return tool.run(argc, argv, [&] {
    if (list_samplers) return list();
    if (options.model.empty()) throw Error("name a model: a model file, or mixture:FILE.json");
    catch_interrupts();
    return sample(tool, options, tool.common().seed);
  });
}
