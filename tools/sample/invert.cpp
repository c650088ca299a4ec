#include "tools/sample/invert.hpp"

#include <algorithm>
#include <iostream>

#include "lib/base/error.hpp"
#include "lib/base/interrupt.hpp"
#include "lib/noise/wrappers.hpp"
#include "lib/sample/inversion.hpp"
#include "lib/tensor/formats/npy.hpp"
#include "tools/cli/image_options.hpp"
#include "tools/sample/invert_images.hpp"
#include "tools/sample/round_trip.hpp"

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
  flags.add({.names = "--json", .help = "Print that as one JSON document", .needs = "--check"},
            request.json);
}

void check_request(const InvertRequest& request) {
  if (request.corrections > 0 && request.sampler != "ddim")
    throw Error("--refine: corrects the steps of ddim, not of " + request.sampler);
  if (request.output == "-" && request.check)
    throw Error("standard output takes one result: --check prints there, so name a file with -o");
  if (request.output != "-") cli::need_extension(request.output, ".npy");
  if (!request.check || !request.output.empty())
    cli::refuse_terminal(request.output.empty() ? "-" : request.output, "an array of latents");
}

/// The first level of the table at which there is noise.
NoiseLevel lowest_level(const Schedule& schedule) {
  return *std::ranges::find_if_not(schedule.levels, &NoiseLevel::clean);
}

/// Everything that walks up to the latents and down again have in common.
struct Walk {
  const SampleSource& source;
  const InvertRequest& request;
  DenoiserOf denoiser;
  std::vector<NoiseLevel> down;
  Progress& progress;
  std::size_t levels_passed = 0;

  void passed(std::uint32_t index) {
    if (index > 0) progress.update(++levels_passed);
  }
};

Tensor rows(const Tensor& all, std::size_t offset, std::size_t size) {
  Shape shape = all.shape();
  const std::size_t each = all.size() / all.shape(0);
  shape[0] = size;
  Tensor part(shape);
  std::copy_n(all.data() + offset * each, part.size(), part.data());
  return part;
}

Tensor walk_up(Walk& walk, const Tensor& images) {
  const std::vector<NoiseLevel> up(walk.down.rbegin(), walk.down.rend());
  const Inversion how{
      .sampler = walk.request.sampler == "heun" ? InversionOf::heun : InversionOf::ddim,
      .corrections = walk.request.corrections,
      .lowest = lowest_level(walk.source.schedule)};
  Tensor latents(images.shape());
  float* to = latents.data();
  for (std::size_t offset = 0; offset < images.shape(0); offset += walk.request.batch) {
    const std::size_t size = std::min(walk.request.batch, images.shape(0) - offset);
    const Denoiser denoise =
        watched(walk.denoiser(offset, size),
                [](const Tensor&, const NoiseLevel&, const Denoised&) { stop_if_interrupted(); });
    const Tensor part = inverted(
        {.denoise = denoise,
         .x = rows(images, offset, size),
         .grid = up,
         .path = walk.source.schedule.path,
         .noise = {},
         .at_level = [&](std::uint32_t index, const Tensor&) { walk.passed(index); },
         .level_of = [&](double lambda) { return walk.source.schedule.at_lambda(lambda); }},
        how);
    to = std::ranges::copy(part, to).out;
  }
  return latents;
}

/// What diff-sample --init makes of the latents, without clipping.
Tensor walk_down(Walk& walk, const Tensor& latents) {
  const GenerateRequest request{.shape = walk.source.model.shape,
                                .count = latents.shape(0),
                                .batch = walk.request.batch,
                                .start = start_from_states(latents)};
  const Sampler sampler = make_sampler(walk.request.sampler);
  const NoiseSource none(0, "diff-sample");
  Tensor samples(latents.shape());
  generate(
      request,
      {walk.denoiser, sampler, walk.down, walk.source.schedule.path, none,
       [&](double lambda) { return walk.source.schedule.at_lambda(lambda); }},
      {.at_level = [&](std::size_t, std::uint32_t index, const Tensor&) { walk.passed(index); }},
      [&](std::size_t offset, const Tensor& part) {
        std::ranges::copy(part, samples.data() + offset * (part.size() / part.shape(0)));
      });
  return samples;
}

}  // namespace

const CLI::App* add_invert(cli::Tool& tool, InvertRequest& request) {
  const cli::Flags flags = tool.add_command("invert", "Find the noise that images come from");
  add_source_options(flags, request.source);
  flags.app().get_option("model")->required();
  flags.add({.names = "data",
             .value = "DATA",
             .help = "Images: folders, files, arrays, archives",
             .values = cli::files(),
             .required = true},
            request.data);
  add_results(flags, request);
  add_walk(flags, request);
  add_control_options(flags, request.control);
  cli::add_image_options(flags, request.reading);
  return &flags.app();
}

cli::ExitCode invert(const cli::Tool& tool, const InvertRequest& request) {
  check_request(request);
  const SampleSource source = open_source(tool, request.source);
  const auto classes =
      cli::chosen_classes(source.model, request.control.classes, request.source.model);
  ControlRequest control = request.control;
  control.clip = "none";
  const InvertImages images =
      load_invert_images(tool, request.data, request.reading, source.model.shape, request.count);
  const auto down = grid_of(source.schedule, request.grid);
  const std::size_t batches = (images.names.size() + request.batch - 1) / request.batch;
  Progress progress(tool.progress(), request.check ? "inverting and back" : "inverting",
                    batches * (down.size() - 1) * (request.check ? 2 : 1), "steps");
  Walk walk{source, request, steered(source.model, classes, control, 0), down, progress};
  const Tensor latents = walk_up(walk, images.pixels);
  if (!request.output.empty() || !request.check)
    write_npy(request.output.empty() ? "-" : request.output, latents);
  if (request.check) {
    const auto trips =
        round_trips(images, {.latents = latents,
                             .samples = walk_down(walk, latents),
                             .noise = start_scale(source.schedule.path, down.front())});
    progress.finish();
    if (request.json)
      std::cout << to_text(to_json(trips, {{"sampler", request.sampler},
                                           {"steps", down.size() - 1},
                                           {"refine", request.corrections}}));
    else
      print_table(std::cout, trips);
  }
  finish(tool, source.model);
  return images.failures > 0 ? cli::partial : cli::done;
}

}  // namespace diffusion
