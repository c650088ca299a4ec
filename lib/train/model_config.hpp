// The architecture that fits the images.
#pragma once
#include "lib/base/json.hpp"
#include "lib/models/network.hpp"
#include "lib/train/training_set.hpp"

namespace diffusion {

/// Completes a network's configuration as its row fits it to the images. Throws Error where
/// the two do not go together, as networks of pictures and points.
Json fitting_model(Json model, const TrainingSet& images,
                   VarianceOutput variance = VarianceOutput::none);

}  // namespace diffusion
