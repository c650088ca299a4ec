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
/// What a walk down one grid can also have.
void add_walk_control_options(const cli::Flags& flags, ControlRequest& request);

/// The sampler, with the variance that the steps of DDPM usually have where it does not say one.
std::string as_usual(const std::string& sampler, const PipelineDrawing& drawing);

/// The denoisers of samples `first`, `first` + 1, ... of a seed, which take turns in
/// `classes` (chosen_classes), clipped as `request` says or as the model usually is. Refers to the
/// source and the classes. Throws Error.
DenoiserOf steered(const SampleSource& source, const std::vector<int>& classes,
                   const ControlRequest& request, std::uint64_t first);

/// The same denoisers, standing still for the first steps of `grid` where CFG-Zero* is asked for.
/// Throws Error where it is, and the schedule's path is not straight.
DenoiserOf zero_started(DenoiserOf inner, const SampleSource& source,
                        std::span<const NoiseLevel> grid, const ControlRequest& request);

/// The same models, adding to `evaluations` each image that they are asked about.
SampleSource counted(SampleSource source, std::atomic<std::size_t>& evaluations);

}  // namespace diffusion
