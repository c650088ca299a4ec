#include "tools/sample/run.hpp"

#include <memory>

#include "lib/base/error.hpp"
#include "lib/output/films.hpp"
#include "lib/output/sample_files.hpp"
#include "lib/output/sample_sheet.hpp"
#include "lib/output/store.hpp"
#include "lib/sample/sampler.hpp"
#include "lib/sample/trajectory.hpp"
#include "lib/tensor/stack.hpp"
#include "tools/sample/outputs.hpp"
#include "tools/sample/report.hpp"

namespace diffusion {
namespace {

/// Whether one file holds all samples already. A sheet could not be made from it.
bool all_there(const SampleRequest& asked) {
  return asked.skip_existing && asked.sheet.path.empty() && destination(asked).whole();
}

/// Only those whose files are not there yet.
void leave_out_existing(GenerateRequest& request, const SampleRequest& asked) {
  const Destination to = destination(asked);
  std::vector<bool> there(request.count, all_there(asked));
  for (std::size_t n = 0; n < request.count; ++n)
    if (to.has(sample_name(request.first + n, depth_of(asked)))) there[n] = true;
  request.wanted = [there = std::move(there)](std::size_t offset) { return !there[offset]; };
}

GenerateRequest what_to_draw(const Model& model, const SampleRequest& asked, const Init& init,
                             std::size_t classes) {
  GenerateRequest request = generate_request(model, asked.start, init, classes);
  if (sampler_row(asked.sampler).pace == Pace::state) request.batch = 1;
  if (asked.skip_existing) leave_out_existing(request, asked);
  // What records the way expects one batch after the other.
  if (asked.trajectory.empty() && !asked.films.any())
    request.batches_at_once = model.batches_at_once;
  return request;
}

std::vector<Turn> turns_of(const Model& model, const std::vector<int>& classes,
                           std::uint64_t first) {
  std::vector<Turn> turns;
  for (std::size_t n = 0; n < classes.size(); ++n) {
    const int label = cli::class_of(classes, first + n);
    turns.push_back({label, cli::class_name(model, label)});
  }
  return turns;
}

/// What becomes of samples, and of the way to them.
struct SampleOutcome {
  std::optional<SampleFiles> files = {};
  std::optional<SampleSheet> sheet = {};
  std::optional<Scatter> scatter = {};
  std::optional<Paths> paths = {};
  std::optional<Tensor> points = {};  // all of them, for the field
  std::optional<Trajectory> trajectory = {};
  std::optional<Films> films = {};

  GenerateWatch watch() {
    std::vector<GenerateWatch> watches;
    if (trajectory) watches.push_back(trajectory->watch());
    if (films) watches.push_back(films->watch());
    if (paths) watches.push_back(paths->watch());
    return joined(std::move(watches));
  }
  void take(std::size_t offset, const Tensor& samples) {
    if (files) files->take(offset, samples);
    if (sheet) sheet->take(offset, samples);
    if (scatter) scatter->take(offset, samples);
    if (points) put_rows(samples, *points, offset);
  }
  void finish(const SampleRequest& asked) {
    if (files) files->finish();
    if (sheet) sheet->finish();
    if (scatter) scatter->write();
    if (paths) paths->write();
    if (trajectory) trajectory->write(asked.trajectory);
    if (films) films->write();
  }
};

SampleOutcome outcome(const SampleRequest& asked, const FilmedRun& run) {
  const SampleOutput output{.to = destination(asked),
                            .first = run.request.first,
                            .count = run.request.count,
                            .turns = run.turns,
                            .shape = run.request.shape,
                            .depth = depth_of(asked)};
  SampleOutcome made;
  if (output.to.kind != StoreKind::none && !all_there(asked)) made.files.emplace(output);
  if (!asked.sheet.path.empty()) made.sheet.emplace(asked.sheet, output);
  for (const std::string& film : {asked.films.film, asked.films.gif})
    if (!film.empty()) need_picture_shape(run.request.shape, film);
  if (!asked.trajectory.empty())
    made.trajectory.emplace(run.request, sampler_row(asked.sampler).pace);
  if (asked.films.any()) made.films.emplace(asked.films, run);
  return made;
}

void say_what_sheet_leaves_out(const cli::Tool& tool, const std::string& sheet,
                               const GenerateRequest& request) {
  const std::size_t most = sheet_capacity(request.shape);
  if (!sheet.empty() && request.count > most)
    tool.say(sheet + ": shows the first " + std::to_string(most) + " of " +
             std::to_string(request.count) + " samples");
}

void add_sampling_options(const cli::Flags& all, SampleRequest& request) {
  all.under("How to draw")
      .add({"--sampler", "SPEC", "Sampler and parameters", cli::specs_of("samplers", samplers())},
           request.sampler);
  add_grid_options(all, request.grid);
}

void add_result_options(const cli::Flags& all, SampleRequest& request) {
  const cli::Flags flags = all.under("Where it goes");
  cli::add_output_options(flags, request.output, request.as_float, request.sheet);
  flags.add({.names = "--format",
             .value = "NAME",
             .help = "Of standard output: npy, or csv for points, a line of numbers each",
             .values = cli::one_of({"npy", "csv"}),
             .otherwise = "npy"},
            request.format);
  add_scatter_options(flags, request.scatter);
  add_plane_options(flags, request.plane);
  flags.add({"--skip-existing", "", "Do not draw samples again whose files are there"},
            request.skip_existing);
}

void add_way_options(const cli::Flags& all, SampleRequest& request) {
  const cli::Flags flags = all.under("The way there");
  add_film_options(flags, request.films);
  flags.add({"--trajectory", "FILE.npz", "Record all states and estimates", cli::files({".npz"})},
            request.trajectory);
  flags.add({"--nfe", "", "Say how often the model was evaluated for a sample"}, request.nfe);
}

}  // namespace

void add_sample_options(const cli::Flags& flags, SampleRequest& request) {
  add_source_options(flags, request.source);
  add_start_options(flags, request.start);
  add_sampling_options(flags, request);
  add_control_options(flags, request.control);
  add_walk_control_options(flags, request.control);
  add_result_options(flags, request);
  add_way_options(flags, request);
}

cli::ExitCode sample(const cli::Tool& tool, const SampleRequest& given) {
  check_outputs(tool, given);
  std::atomic<std::size_t> evaluations = 0;
  const SampleSource source =
      counted(open_source(tool, given.source, given.control.classes.guidance.guide,
                          given.start.init.reading),
              evaluations);
  const Model& model = source.model;
  SampleRequest asked = given;
  asked.sampler = as_usual(given.sampler, source.drawing);
  asked.as_float |= !draws_pictures(model);
  need_pictures(model, asked);
  const auto classes = cli::chosen_classes(source, asked.control.classes, asked.source.model);
  const Init init = read_init(tool, model, asked.start.init);
  const auto whole = grid_of(source.schedule, asked.grid);
  const auto grid = walked_part(whole, init.strength);
  const auto inpainting = inpainting_of(init, asked.start.init, asked.sampler, grid.size() - 1);
  const Sampler plain = make_sampler(asked.sampler);
  const Sampler sampler = inpainting ? inpainted(plain, *inpainting) : plain;
  const GenerateRequest request = what_to_draw(model, asked, init, classes.size());
  const auto turns = turns_of(model, classes, request.first);
  const DenoiserOf denoiser = zero_started(steered(source, classes, asked.control, request.first),
                                           source, whole, asked.control);
  SampleOutcome result = outcome(asked, {source.schedule, grid, request, turns});
  if (!asked.scatter.path.empty())
    result.scatter.emplace(tool, asked.scatter, model, request.count);
  const PlaneRun plane{model, source.schedule, grid, denoiser, turns};
  check_plane(asked.plane, plane);
  if (!asked.plane.paths.empty()) result.paths.emplace(asked.plane.paths, plane, request.count);
  if (!asked.plane.field.empty())
    result.points = Tensor(batch_shape(request.count, model.shape), 0);
  say_what_sheet_leaves_out(tool, asked.sheet.path, request);

  const NoiseSource noise(tool.common().seed, "diff-sample");
  SampleTally tally(tool, request, grid.size() - 1);
  generate(request, {denoiser, sampler, grid, source.schedule.path, noise, &source.schedule},
           joined({result.watch(), tally.watch()}), [&](std::size_t offset, const Tensor& samples) {
             result.take(offset, model.units.to_data(samples));
             tally.finished(samples.shape()[0]);
           });
  const std::size_t asked_for_samples = evaluations;
  if (result.points) write_field(asked.plane, plane, *result.points);
  evaluations = asked_for_samples;
  finish(tool, source);
  result.finish(asked);
  tally.stop();
  report_run(tool, {asked, source, grid, request, turns, tally, evaluations});
  return ending(source, init.left_out + (result.scatter ? result.scatter->left_out() : 0));
}

}  // namespace diffusion
