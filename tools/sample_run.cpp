#include "tools/sample_run.hpp"

#include <memory>

#include "lib/base/error.hpp"
#include "lib/base/interrupt.hpp"
#include "lib/base/text.hpp"
#include "lib/sample/trajectory.hpp"
#include "tools/sample_output.hpp"

namespace diffusion {
namespace {

/// A row a class where there are several.
std::vector<std::string> sheet_rows(const Model& model, const std::vector<int>& classes,
                                    std::uint64_t first) {
  std::vector<std::string> names;
  for (std::size_t row = 0; classes.size() > 1 && row < classes.size(); ++row)
    names.push_back(cli::class_name(model, cli::class_of(classes, first + row)));
  return names;
}

}  // namespace

void add_sample_options(CLI::App& app, SampleRequest& request) {
  add_source_options(app, request.source);
  app.add_option("-o,--output", request.output,
                 "Folder, .npy, .npz, or - for an array on standard output (the default)")
      ->type_name("PATH");
  app.add_option("--sheet", request.sheet, "Also write one picture of all samples")
      ->type_name("FILE");
  app.add_flag("--float", request.as_float, "Arrays of float32 in [-1, 1] rather than 8 bits");
  app.add_option("--sampler", request.sampler, "Sampler and parameters (default: ddim)")
      ->type_name("SPEC");
  add_grid_options(app, request.grid);
  add_control_options(app, request.control);
  add_start_options(app, request.start);
  app.add_option("--trajectory", request.trajectory, "Record all states and estimates")
      ->type_name("FILE.npz");
  app.add_flag("--nfe", request.nfe, "Say how often the model was evaluated for a sample");
}

cli::ExitCode sample(const cli::Tool& tool, const SampleRequest& asked) {
  cli::need_extension(asked.trajectory, ".npz");
  const SampleSource source = open_source(asked.source);
  std::size_t evaluations = 0;
  const Model model = counted(source.model, evaluations);
  const auto classes = cli::chosen_classes(model, asked.control.classes, asked.source.model);
  const Init init = read_init(model, asked.start.init);
  const auto grid = walked(grid_of(source.schedule, asked.grid), init);
  const auto inpainting = inpainting_of(init, asked.start.init, asked.sampler, grid.size() - 1);
  const Sampler plain = make_sampler(asked.sampler);
  const Sampler sampler = inpainting ? inpainted(plain, *inpainting) : plain;
  GenerateRequest request = generate_request(model, asked.start, init, classes.size());
  if (sampler_row(asked.sampler).pace == Pace::state) request.batch = 1;
  const bool only_extras = !asked.sheet.empty() || !asked.trajectory.empty();
  const auto writers =
      cli::sample_writers({.path = asked.output.empty() && !only_extras ? "-" : asked.output,
                           .sheet = asked.sheet,
                           .first = request.first,
                           .count = request.count,
                           .sheet_rows = sheet_rows(model, classes, request.first),
                           .shape = request.shape,
                           .as_float = asked.as_float});

  std::optional<Trajectory> trajectory;
  if (!asked.trajectory.empty()) trajectory.emplace(request);
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

  const DenoiserOf denoiser = steered(model, classes, asked.control, request.first);
  const NoiseSource noise(tool.common().seed, "diff-sample");
  const LevelOf level_of = [&](double lambda) { return source.schedule.at_lambda(lambda); };
  generate(request, {denoiser, sampler, grid, source.schedule.path, noise, level_of}, watch,
           [&](std::size_t offset, const Tensor& samples) {
             for (const auto& writer : writers) writer->take(offset, samples);
             samples_done += samples.shape()[0];
           });
  for (const auto& writer : writers) writer->finish();
  if (trajectory) trajectory->write(asked.trajectory);
  finish(tool, model);
  if (asked.nfe)
    tool.say("nfe " + significant(double(evaluations) / double(batches), 6) + ": " +
             std::to_string(grid.size() - 1) + " steps of " + asked.sampler);
  return cli::done;
}

}  // namespace diffusion
