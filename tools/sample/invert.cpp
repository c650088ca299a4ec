#include "tools/sample/invert.hpp"

#include <iostream>
#include <limits>

#include "lib/base/error.hpp"
#include "lib/base/path.hpp"
#include "lib/base/text.hpp"
#include "lib/models/start_data.hpp"
#include "lib/sample/round_trip.hpp"
#include "lib/tensor/formats/npy.hpp"
#include "lib/train/picture_reading.hpp"
#include "tools/cli/image_options.hpp"
#include "tools/sample/invert_report.hpp"

namespace diffusion {
namespace {

void add_walk(const cli::Flags& flags, InvertRequest& request) {
  add_grid_options(flags, request.grid);
  flags.add({"--sampler", "NAME", "Whose way to walk up: ddim, or heun of second order",
             cli::one_of({"ddim", "heun"})},
            request.sampler);
  flags.add({"--refine", "N", "Correct each step of ddim so often, so that the way back fits",
             cli::whole(0, 1000)},
            request.corrections);
  flags.add({.names = "-n,--count",
             .value = "N",
             .help = "How many images, from the first",
             .values = cli::whole(1, std::uint64_t(1) << 40),
             .otherwise = "all"},
            request.count);
  flags.add({"--batch", "N", "Images carried at once", cli::whole(1, 65536)}, request.batch);
}

void add_results(const cli::Flags& flags, InvertRequest& request) {
  flags.add({.names = "-o,--output",
             .value = "FILE.npy",
             .help = "The latents, float32, for --init",
             .values = cli::files({".npy"}),
             .otherwise = "standard output"},
            request.output);
  flags.add({"--check", "", "Sample from them again and print how far off that is"}, request.check);
  flags.add({.names = "--json", .help = "Print that as one JSON document", .needs = {"--check"}},
            request.json);
}

void check_request(const InvertRequest& request) {
  if (request.corrections > 0 && request.sampler != "ddim")
    throw Error("--refine: corrects the steps of ddim, not of " + request.sampler);
  if (request.output == "-" && request.check)
    throw Error("standard output takes one result: --check prints there, so name a file with -o");
  if (request.output != "-") need_extension(request.output, ".npy");
  if (!request.check || !request.output.empty())
    refuse_terminal(request.output.empty() ? "-" : request.output, "an array of latents");
}

ModelImages images_of(const cli::Tool& tool, const InvertRequest& request, const Model& model) {
  const std::size_t most = request.count.value_or(std::numeric_limits<std::size_t>::max());
  const bool as_they_are = !request.reading.range;
  auto values = as_they_are ? read_values(model, request.data, most) : std::nullopt;
  ModelImages images =
      values ? *std::move(values)
             : load_model_images(request.data, model.shape,
                                 {.reading = as_trained(request.reading, model), .most = most});
  cli::complain_of(tool, images.failures, images.size(), join(request.data, ", "));
  return images;
}

DenoiserOf denoiser_of(const SampleSource& source, const std::vector<int>& classes,
                       const InvertRequest& request) {
  ControlRequest control = request.control;
  control.clip = "none";  // a limited estimate no longer says where the state came from
  return steered(source, classes, control, 0);
}

std::size_t steps_in_all(const InvertRequest& request, std::size_t images, std::size_t steps) {
  const std::size_t batches = (images + request.batch - 1) / request.batch;
  return batches * steps * (request.check ? 2 : 1);
}

void print(const InvertRequest& request, std::size_t steps, const std::vector<RoundTrip>& trips) {
  if (!request.json) return print_table(std::cout, trips);
  std::cout << to_text(to_json(
      trips, {{"sampler", request.sampler}, {"steps", steps}, {"refine", request.corrections}}));
}

}  // namespace

const CLI::App* add_invert(cli::Tool& tool, InvertRequest& request) {
  const cli::Flags flags = tool.add_command("invert", "Find the noise that images come from");
  add_source_options(flags, request.source);
  flags.add({.names = "data",
             .value = "DATA",
             .help = "Images: folders, files, arrays, archives",
             .values = cli::files(),
             .required = true},
            request.data);
  add_results(flags, request);
  add_walk(flags, request);
  add_class_options(flags, request.control);
  cli::add_image_options(flags, request.reading);
  cli::add_opacity(flags, request.reading);
  return &flags.app();
}

cli::ExitCode invert(const cli::Tool& tool, const InvertRequest& request) {
  check_request(request);
  const SampleSource source =
      open_source(tool, request.source, request.control.classes.guidance.guide, request.reading);
  const auto classes = cli::chosen_classes(source, request.control.classes, request.source.model);
  const ModelImages images = images_of(tool, request, source.model);
  const auto grid = grid_of(source.schedule, request.grid);
  const std::size_t steps = grid.size() - 1;
  Progress progress(tool.progress(), request.check ? "inverting and back" : "inverting",
                    steps_in_all(request, images.size(), steps), "steps");
  const DenoiserOf denoiser = denoiser_of(source, classes, request);
  const RoundTripTools walk{
      .schedule = source.schedule,
      .denoiser = denoiser,
      .grid = grid,
      .sampler = request.sampler == "heun" ? InversionOf::heun : InversionOf::ddim,
      .corrections = request.corrections,
      .batch = request.batch,
      .passed = [&, done = std::size_t(0)]() mutable { progress.update(++done); }};
  const DataUnits& units = source.model.units;
  const Tensor latents = walked_up(walk, units.to_network(images.pixels));
  const Tensor samples = request.check ? units.to_data(walked_down(walk, latents)) : Tensor();
  finish(tool, source);
  if (!request.output.empty() || !request.check)
    write_npy(request.output.empty() ? "-" : request.output, latents);
  if (request.check) {
    progress.finish();
    const double noise = start_scale(source.schedule.path, grid.front());
    print(request, steps, round_trips(images.names, {images.pixels, latents, samples, noise}));
  }
  return ending(source, images.failures.size());
}

}  // namespace diffusion
