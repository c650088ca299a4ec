#include "tools/sample/control.hpp"

#include "lib/base/error.hpp"
#include "lib/base/params.hpp"
#include "lib/base/text.hpp"
#include "lib/noise/clip.hpp"
#include "lib/noise/wrappers.hpp"

namespace diffusion {

namespace {

constexpr const char* heading = "Control";

}  // namespace

void add_class_options(const cli::Flags& all, ControlRequest& request) {
  const cli::Flags flags = all.under(heading);
  cli::Values classes = cli::words({"all"});
  classes.canonical = {};  // a class may be called "All"
  flags.add({"--class", "CLASS,...",
             "Classes that samples take turns in: numbers, names, or all (a row each)", classes},
            request.classes.classes);
  cli::add_guidance_options(flags, request.classes.guidance);
}

void add_control_options(const cli::Flags& all, ControlRequest& request) {
  add_class_options(all, request);
  const cli::Flags flags = all.under(heading);
  flags.add({.names = "--clip",
             .value = "SPEC",
             .help = "Limit estimates of images: {}",
             .values = cli::specs_of("clips", clips()),
             .otherwise = "static"},
            request.clip);
  flags.turn({.names = "--no-clip", .help = "The same as --clip none", .excludes = {"--clip"}},
             [&request] { request.clip = "none"; });
}

void add_walk_control_options(const cli::Flags& all, ControlRequest& request) {
  cli::add_walk_guidance_options(all.under(heading), request.classes.guidance);
}

DenoiserOf steered(const SampleSource& source, const std::vector<int>& classes,
                   const ControlRequest& request, std::uint64_t first) {
  return [clip = make_clip(request.clip.empty() ? source.drawing.clip : request.clip),
          plain = cli::class_denoisers(source, classes, request.classes.guidance, first)](
             std::size_t offset, std::size_t size) { return clip(plain(offset, size)); };
}

std::string as_usual(const std::string& sampler, const PipelineDrawing& drawing) {
  const Params given(sampler);
  const auto eta = parse_number(given.given("eta"));
  const bool ancestral = given.name() == "ddim" && eta && *eta == 1;
  if (!ancestral || !given.given("variance").empty() || drawing.variance.empty()) return sampler;
  return sampler + ",variance=" + drawing.variance;
}

DenoiserOf zero_started(DenoiserOf inner, const SampleSource& source,
                        std::span<const NoiseLevel> grid, const ControlRequest& request) {
  const auto steps = request.classes.guidance.zero;
  if (!steps) return inner;
  if (source.schedule.path != Path::straight)
    throw Error("--cfg-zero: is for velocities of the straight path (-s flow), not for " +
                source.schedule.family);
  const bool guides =
      request.classes.guidance.scale.value_or(1) != 1 || (source.guide && source.guide->scale != 1);
  if (*steps == 0 || !guides) return inner;
  if (std::size_t(*steps) + 1 >= grid.size())
    throw Error("--cfg-zero " + std::to_string(*steps) + ": leaves nothing of the " +
                count_of(grid.size() - 1, "step"));
  return [inner = std::move(inner), end = grid[std::size_t(*steps)]](std::size_t offset,
                                                                     std::size_t size) {
    return standing_still(inner(offset, size), end);
  };
}

namespace {

Model counted(Model model, std::atomic<std::size_t>& evaluations) {
  model.denoiser = [inner = std::move(model.denoiser), &evaluations](std::span<const int> labels) {
    return watched(inner(labels), [&](const Tensor& x_t, const NoiseLevel&, const Denoised&) {
      evaluations += x_t.shape(0);
    });
  };
  return model;
}

}  // namespace

SampleSource counted(SampleSource source, std::atomic<std::size_t>& evaluations) {
  source.model = counted(std::move(source.model), evaluations);
  if (source.guide) source.guide->model = counted(std::move(source.guide->model), evaluations);
  return source;
}

}  // namespace diffusion
