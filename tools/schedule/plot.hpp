// diff-schedule plot: schedules as a picture, drawn by gnuplot.
#pragma once
#include "tools/schedule/options.hpp"

namespace diffusion::cli {

ExitCode plot_schedules(const ScheduleOptions& options);

}  // namespace diffusion::cli
