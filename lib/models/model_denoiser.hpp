// A network as a sampler sees it.
#pragma once
#include <memory>

#include "lib/models/network.hpp"
#include "lib/noise/denoiser.hpp"
#include "lib/noise/prediction.hpp"

namespace diffusion {

/// Hands the network x_t and the level's timestep, and turns its prediction into
/// x0. Levels must carry a timestep (those of a Schedule do). Throws Error when x_t
/// has not the network's channels, or where the prediction determines no x0.
Denoiser model_denoiser(std::shared_ptr<const Network> network, Prediction prediction);

}  // namespace diffusion
