// The schedule that a model is used on.
#pragma once
#include <optional>
#include <string>

#include "lib/models/model.hpp"

namespace diffusion {

/// What `spec` names (see load_schedule); for "" the model's own, or cosine where it has
/// none. Throws Error where a network, called `name` in messages, was trained on another
/// process, or would take a timestep of the table for another noise level than it stands for.
Schedule schedule_for(const Model& model, const std::string& spec, const std::string& name);

/// Why a network, called `name`, cannot be used on a schedule, where it cannot.
std::optional<std::string> misunderstood(const Schedule& schedule, const Model& model,
                                         const std::string& name);

}  // namespace diffusion
