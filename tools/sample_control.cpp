#include "tools/sample_control.hpp"

#include "lib/noise/wrappers.hpp"

namespace diffusion {

void add_control_options(CLI::App& app, ControlRequest& request) {
  app.option_defaults()->group("Control");
  app.add_option("--class", request.classes.classes,
                 "Classes that samples take turns in: numbers, names, or all (a row each)")
      ->type_name("CLASS,...");
  app.add_option("--cfg", request.classes.scale,
                 "Guide towards the class; 1 is no guidance, 1 + w in the literature (default: 1)")
      ->type_name("SCALE");
  app.add_flag("--no-clip", request.no_clip, "Do not limit estimates of clean images to [-1, 1]");
}

DenoiserOf steered(const Model& model, const std::vector<int>& classes,
                   const ControlRequest& request, std::uint64_t first) {
  const bool clip = model.images && !request.no_clip;
  return [&model, &classes, &request, first, clip](std::size_t offset, std::size_t size) {
    const Denoiser plain = cli::class_denoiser(model, classes, request.classes.scale.value_or(1),
                                               first + offset, size);
    return clip ? clipped(plain) : plain;
  };
}

}  // namespace diffusion
