// A network as a sampler sees it.
#pragma once
#include <memory>
#include <vector>

#include "lib/models/network.hpp"
#include "lib/noise/denoiser.hpp"
#include "lib/noise/precondition.hpp"

namespace diffusion {

/// Hands the network its input for x_t and the level, and turns its prediction into
/// x0; where the network has twice the channels, the second half is its variance
/// (2 v - 1; Nichol and Dhariwal 2021, Eq. 15). Levels must carry a timestep (those of a
/// Schedule do). Throws Error when x_t has not the network's channels, where the prediction
/// determines no x0, and where the network's time is not finite (EDM at pure noise).
/// `labels` are the classes of a batch, as the network numbers them; a single one
/// goes for all images, none is for networks without classes.
Denoiser model_denoiser(std::shared_ptr<const Network> network, const NetworkFace& face,
                        std::vector<int> labels = {});

/// The same with its derivative, by the network's way back.
Pullback model_pullback(std::shared_ptr<const Network> network, const NetworkFace& face,
                        std::vector<int> labels = {});

}  // namespace diffusion
