// diff-schedule check: all that is wrong with a schedule, not just the first fault.
#pragma once
#include "tools/schedule/options.hpp"

namespace diffusion::cli {

/// 1 where there is a finding.
ExitCode check_one_schedule(const ScheduleOptions& options, bool json);

}  // namespace diffusion::cli
