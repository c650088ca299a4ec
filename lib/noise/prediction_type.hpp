// What diffusers' schedulers call what a network predicts: prediction_type and its relatives.
#pragma once
#include <string>

#include "lib/noise/prediction.hpp"
#include "lib/schedule/schedule.hpp"

namespace diffusion {

/// What the network of a schedule that was read from a configuration of diffusers predicts; what
/// that leaves out is its class's default. Throws Error that opens with `culprit`.
Prediction prediction_of(const Schedule& schedule, const std::string& culprit);

/// The configuration of a scheduler with what makes prediction_of() give `prediction`. Throws
/// Error where its class has no word for that.
Json with_prediction(Json config, Prediction prediction);

/// Whether the class of a configuration takes several kinds of predictions and it doesn't say
/// which, so that diffusers would take eps.
bool leaves_prediction_open(const Json& config);

}  // namespace diffusion
