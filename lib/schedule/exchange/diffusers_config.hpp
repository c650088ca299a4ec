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

/// Whether `json` looks like such a configuration, and not like a schedule file.
bool is_diffusers_config(const Json& json);

/// Its notes tell what the configuration leaves to the defaults of its class, and to the size
/// of each image. Throws Error for classes and keys that are not known, for values of the wrong
/// type, and for settings that the class has not or that no table can express.
Schedule schedule_from_diffusers(const Json& config, const std::string& culprit);

/// A configuration that reads back as the same table. `class_name` "" takes the class
/// that the schedule was imported with, else DDPMScheduler, EDMEulerScheduler or
/// FlowMatchEulerDiscreteScheduler. Betas that no formula of diffusers gives become
/// trained_betas. Throws Error for what such a file cannot say: respaced timesteps,
/// arbitrary sigmas.
Json diffusers_from_schedule(const Schedule& schedule, const std::string& class_name = "");

/// A configuration as Python's json writes it: infinities without quotes, or diffusers would
/// take them for strings.
std::string python_json(const Json& config);

/// The classes that are known.
std::vector<std::string> diffusers_classes();

}  // namespace diffusion
