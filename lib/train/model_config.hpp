// The architecture that fits the images.
#pragma once
#include "lib/base/json.hpp"
#include "lib/train/training_set.hpp"

namespace diffusion {

/// Completes a UNet2DModel's keys where they follow from others: sizes and
/// channels from the images, one plain block a level, groups that divide the
/// channels. Throws Error where the images do not fit the network.
enum class VarianceOutput { none, learned };  // learned: twice the channels come out
Json fitting_model(Json model, const TrainingSet& images,
                   VarianceOutput variance = VarianceOutput::none);

}  // namespace diffusion
