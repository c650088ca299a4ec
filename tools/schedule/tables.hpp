// diff-schedule show and compare: schedules as text.
#pragma once
#include "tools/schedule/options.hpp"

namespace diffusion::cli {

ExitCode show_schedule(const ScheduleOptions& options);

/// 1 where a value strays from the first schedule's by more than --within.
ExitCode compare_schedules(const ScheduleOptions& options);

}  // namespace diffusion::cli
