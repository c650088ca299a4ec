// In what units a network is trained on data that are not pictures.
#pragma once
#include "lib/models/data_units.hpp"
#include "lib/train/config.hpp"
#include "lib/train/training_set.hpp"

namespace diffusion {

/// Offset and scale as the configuration says, 0 and 1 where it says the other; else the mean, and
/// one over the standard deviation, of each channel. One of each channel, since columns may be of
/// different units, and noise, as strong in all, would hide a narrow one long before a wide one.
/// Channels that never change have scale 1. Throws Error where the configuration's are not as many
/// as the channels.
DataUnits training_units(const TrainConfig::Data& data, const TrainingSet& images);

}  // namespace diffusion
