// The filters of diff-schedule: a schedule in, a schedule out.
#pragma once
#include "tools/schedule/options.hpp"

namespace diffusion::cli {

ExitCode respace_schedule(const ScheduleOptions& options);
ExitCode end_at_zero_snr(const ScheduleOptions& options);
ExitCode shift_schedule(const ScheduleOptions& options, const CLI::App& given);
ExitCode scale_schedule(const ScheduleOptions& options);

}  // namespace diffusion::cli
