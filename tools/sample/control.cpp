#include "tools/sample/control.hpp"

#include "lib/noise/clip.hpp"
#include "lib/noise/wrappers.hpp"
#include "tools/cli/option_group.hpp"

namespace diffusion {

void add_control_options(CLI::App& app, ControlRequest& request) {
  const cli::OptionGroup group(app, "Control");
  app.add_option("--class", request.classes.classes,
                 "Classes that samples take turns in: numbers, names, or all (a row each)")
      ->type_name("CLASS,...");
  cli::add_guidance_options(app, request.classes.guidance);
  CLI::Option* const clip =
      app.add_option("--clip", request.clip,
                     "Limit estimates of images: none, static or dynamic (default: static)")
          ->type_name("SPEC");
  app.add_flag_callback(
         "--no-clip", [&request] { request.clip = "none"; }, "The same as --clip none")
      ->excludes(clip);
}

DenoiserOf steered(const Model& model, const std::vector<int>& classes,
                   const ControlRequest& request, std::uint64_t first) {
  const std::string usual = model.images ? "static" : "none";
  return [clip = make_clip(request.clip.empty() ? usual : request.clip),
          plain = cli::class_denoisers(model, classes, request.classes.guidance, first)](
             std::size_t offset, std::size_t size) { return clip(plain(offset, size)); };
}

Model counted(Model model, std::size_t& evaluations) {
  model.denoiser = [inner = std::move(model.denoiser), &evaluations](std::span<const int> labels) {
    return watched(inner(labels),
                   [&](const Tensor&, const NoiseLevel&, const Denoised&) { ++evaluations; });
  };
  return model;
}

}  // namespace diffusion
