// Schedules that other programs keep, told apart by their first bytes.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "lib/schedule/exchange/arrays.hpp"

namespace diffusion {

/// The file that `given` means: itself, or, of a folder, the configuration of diffusers in
/// it, scheduler_config.json, or in the scheduler/ of a pipeline. Throws Error where a
/// folder has neither.
std::string schedule_file(const std::string& given);

/// What diffusers calls that file.
inline constexpr const char* diffusers_config_name = "scheduler_config.json";

/// What a schedule is that a file's JSON describes: one of diffusers if it looks like its
/// configuration, else one in the format of this project. `culprit` opens messages.
Schedule schedule_of_json(const Json& json, const std::string& culprit);

/// A schedule, or numbers that may leave open what they are.
using ForeignSchedule = std::variant<Schedule, PlainArray>;

/// Decodes a .npy file of one dimension; `culprit` opens messages.
using NpyDecoder =
    std::function<std::vector<double>(std::string bytes, const std::string& culprit)>;

/// Reads a configuration of diffusers, a .npy file, or a list as parse_list does; a list
/// holds `wanted`, if anything. Throws Error, also for a schedule in this project's own format.
ForeignSchedule read_foreign(std::string bytes, const std::string& culprit,
                             std::optional<Quantity> wanted, const NpyDecoder& npy);

}  // namespace diffusion
