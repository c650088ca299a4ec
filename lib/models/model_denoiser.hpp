// A network as a sampler sees it.
#pragma once
#include <memory>
#include <vector>

#include "lib/models/network.hpp"
#include "lib/noise/denoiser.hpp"
#include "lib/noise/prediction.hpp"

namespace diffusion {

/// Hands the network x_t and the level's timestep, and turns its prediction into
/// x0. Levels must carry a timestep (those of a Schedule do). Throws Error when x_t
/// has not the network's channels, or where the prediction determines no x0.
/// `labels` are the classes of a batch, as the network numbers them; a single one
/// goes for all images, none is for networks without classes.
Denoiser model_denoiser(std::shared_ptr<const Network> network, Prediction prediction,
                        std::vector<int> labels = {});

}  // namespace diffusion
