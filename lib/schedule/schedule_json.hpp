// The schedule file: JSON, "format": "diffusion-schedule", "version": 1.
#pragma once
#include <string>
#include <vector>

#include "lib/base/json.hpp"
#include "lib/schedule/schedule.hpp"

namespace diffusion {

/// All arrays that users of the peers know, in double, shortest form.
Json schedule_to_json(const Schedule& schedule);

/// A reader needs only family + params (and T), or one defining array: betas,
/// alphas_cumprod, or sigmas with a process. Family + params define, then betas;
/// what else is there must agree to 1e-4 relative, or an Error says where it does
/// not. Unknown keys are kept, unknown versions refused. `culprit` opens messages.
Schedule schedule_from_json(const Json& json, const std::string& culprit);

/// What in `json` contradicts the schedule that it defines, a line for each array:
/// "betas[499] (t = 500): 0.2 where linear gives 0.01004".
std::vector<std::string> contradictions(const Schedule& schedule, const Json& json);

/// Whether `json`, an object, says that it is such a file, or has a key that defines one.
bool defines_schedule(const Json& json);

/// schedule_from_json without the comparison.
Schedule defined_schedule(const Json& json, const std::string& culprit);

}  // namespace diffusion
