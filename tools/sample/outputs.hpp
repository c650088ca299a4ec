// Where the samples of a run go, and what of that can be refused before any is drawn.
#pragma once
#include "lib/image/image.hpp"
#include "lib/models/model.hpp"
#include "lib/output/destination.hpp"
#include "tools/sample/run.hpp"

namespace diffusion {

Destination destination(const SampleRequest& asked);
/// How deep the samples are written.
Depth depth_of(const SampleRequest& asked);

/// Whether samples of the model are pictures, which 8 bits may hold: they have 1, 3 or 4 channels,
/// and are not points (1 x 1 x D) of a mixture, a program or a set of points, nor of a network that
/// was trained on what is not pictures.
bool draws_pictures(const Model& model);

/// Throws Error where something that shows pictures is asked of a model of other numbers.
void need_pictures(const Model& model, const SampleRequest& asked);

/// Throws Error where outputs contradict each other or cannot be written.
void check_outputs(const cli::Tool& tool, const SampleRequest& asked);

}  // namespace diffusion
