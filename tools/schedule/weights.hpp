// Loss weights as columns of a schedule's table.
#pragma once
#include <span>
#include <string>

#include "lib/schedule/table.hpp"

namespace diffusion::cli {

/// Whether a column of this name is loss weights: "weights", "weight:v" or
/// "weight:v:min-snr:gamma=3".
bool names_weights(const std::string& column);

/// Those of `steps`: of one kind for one prediction, of all kinds for one, or of all for all.
/// Throws Error for unknown names.
Table weights_of(const Schedule& schedule, std::span<const int> steps, const std::string& column);

}  // namespace diffusion::cli
