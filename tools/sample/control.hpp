// How a model's estimates are steered on the way: classes and guidance, clipping.
#pragma once
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "lib/models/pipeline_drawing.hpp"
#include "lib/sample/generate.hpp"
#include "tools/cli/tool.hpp"
#include "tools/sample/classes.hpp"

namespace diffusion {

struct ControlRequest {
  cli::ClassRequest classes;
  std::string clip;  // a spec; "" for what is usual for the model
};

/// Classes and guidance.
void add_class_options(const cli::Flags& flags, ControlRequest& request);
/// The same, and clipping.
void add_control_options(const cli::Flags& flags, ControlRequest& request);

/// What is not said, as the model is usually drawn from: how estimates are clipped, and the
/// variance of DDPM's steps.
ControlRequest as_usual(ControlRequest request, const PipelineDrawing& drawing);
std::string as_usual(const std::string& sampler, const PipelineDrawing& drawing);

/// The denoisers of samples `first`, `first` + 1, ... of a seed, which take turns in
/// `classes` (chosen_classes), clipped as `request` says. Refers to the model and the classes.
/// Throws Error.
DenoiserOf steered(const Model& model, const std::vector<int>& classes,
                   const ControlRequest& request, std::uint64_t first);

/// The same model, adding to `evaluations` each image that it is asked about.
Model counted(Model model, std::atomic<std::size_t>& evaluations);

}  // namespace diffusion
