// The flags that say which schedule, for every tool that takes one.
#pragma once
#include <string>

#include "tools/cli/flags.hpp"

namespace diffusion::cli {

/// Schedules by family specs.
Values a_family();
/// The same, or files.
Values a_schedule();
/// Grids: specs, or files.
Values a_grid();

/// -s; `otherwise`: the schedule without it, where `schedule` does not say so.
void add_schedule(const Flags& flags, std::string& schedule, std::string otherwise = "");
/// -T.
void add_length(const Flags& flags, int& length);

}  // namespace diffusion::cli
