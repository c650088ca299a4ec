#include "tools/sample/control.hpp"

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

DenoiserOf steered(const Model& model, const std::vector<int>& classes,
                   const ControlRequest& request, std::uint64_t first) {
  return [clip = make_clip(request.clip),
          plain = cli::class_denoisers(model, classes, request.classes.guidance, first)](
             std::size_t offset, std::size_t size) { return clip(plain(offset, size)); };
}

ControlRequest as_usual(ControlRequest request, const PipelineDrawing& drawing) {
  if (request.clip.empty()) request.clip = drawing.clip;
  return request;
}

std::string as_usual(const std::string& sampler, const PipelineDrawing& drawing) {
  const Params given(sampler);
  const auto eta = parse_number(given.given("eta"));
  const bool ancestral = given.name() == "ddim" && eta && *eta == 1;
  if (!ancestral || !given.given("variance").empty() || drawing.variance.empty()) return sampler;
  return sampler + ",variance=" + drawing.variance;
}

Model counted(Model model, std::atomic<std::size_t>& evaluations) {
  model.denoiser = [inner = std::move(model.denoiser), &evaluations](std::span<const int> labels) {
    return watched(inner(labels), [&](const Tensor& x_t, const NoiseLevel&, const Denoised&) {
      evaluations += x_t.shape(0);
    });
  };
  return model;
}

}  // namespace diffusion
