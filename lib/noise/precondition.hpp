// What a network is handed in place of a state and its level.
#pragma once
#include "lib/noise/prediction.hpp"

namespace diffusion {

/// What has to be known of a network to talk with it.
struct NetworkFace {
  Prediction prediction;
  Path path;  // that it was trained on
};

/// The network sees scale x_t + offset and this time.
struct NetworkInput {
  double scale, timestep, offset = 0;
};

/// Variance-preserving and straight states are of the data's size and are handed as
/// they are; those of an exploding path are brought there by 1/sqrt(1 + sigma^2), with
/// the timestep of the level. EDM: c_in and c_noise = ln(ve_sigma)/4 (Karras et al.
/// 2022, Table 1), on every path; the time is infinite at pure noise. NCSN++: images in [0, 1] and
/// the noise that is on them (Song et al. 2021), on every path.
NetworkInput network_input(const NetworkFace& face, const NoiseLevel& at);

/// Its time alone, which must be set. Throws Error where it is infinite.
double finite_timestep(const NetworkFace& face, const NoiseLevel& at);

}  // namespace diffusion
