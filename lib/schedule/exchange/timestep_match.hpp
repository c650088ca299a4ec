// Whether two tables mean the same by a timestep.
#pragma once
#include <optional>

#include "lib/schedule/schedule.hpp"

namespace diffusion {

/// A level whose timestep stands for another one in the table that a network learnt.
struct TimestepMismatch {
  NoiseLevel level;
  std::optional<double> learnt;  // lambda; none: beyond the table's timesteps
};

/// The worst level of `given`, if a network that learnt the timesteps of `learnt` would
/// take it for another: by more than 1% of sigma/alpha. A table respaced from the other,
/// and one that was rounded on its way through a file, mean the same.
std::optional<TimestepMismatch> timestep_mismatch(const Schedule& learnt, const Schedule& given);

}  // namespace diffusion
