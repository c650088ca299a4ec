// diff-schedule import and export: schedules as other programs keep them.
#pragma once
#include "tools/schedule/options.hpp"

namespace diffusion::cli {

ExitCode import_schedule(const ScheduleOptions& options);
ExitCode export_schedule(const ScheduleOptions& options);

}  // namespace diffusion::cli
