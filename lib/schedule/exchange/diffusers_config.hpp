// The scheduler_config.json of the diffusers library, in and out.
// Its keys are of three kinds: those that describe the schedule become the
// schedule; those that describe sampling and what the network predicts are kept in
// the schedule's "diffusers" key and come back on export; keys that begin with '_'
// are metadata, kept too. Any other key is refused by name.
#pragma once
#include <string>
#include <vector>

#include "lib/schedule/schedule.hpp"

namespace diffusion {

/// Whether `json` looks like such a configuration.
bool is_diffusers_config(const Json& json);

/// Throws Error for classes and keys that are not known, for values of the wrong
/// type, and for settings that the class has not or that no table can express.
Schedule schedule_from_diffusers(const Json& config, const std::string& culprit);

/// A configuration that reads back as the same table. `class_name` "" takes the class
/// that the schedule was imported with, else DDPMScheduler, EDMEulerScheduler or
/// FlowMatchEulerDiscreteScheduler. Betas that no formula of diffusers gives become
/// trained_betas. Throws Error for what such a file cannot say: respaced timesteps,
/// arbitrary sigmas.
Json diffusers_from_schedule(const Schedule& schedule, const std::string& class_name = "");

/// The classes that are known.
std::vector<std::string> diffusers_classes();

}  // namespace diffusion
