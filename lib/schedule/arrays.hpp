// Schedules from plain lists of numbers, as other programs keep them.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/schedule/schedule.hpp"

namespace diffusion {

/// What the numbers of a list are.
enum class Quantity { betas, alpha_bars, sigmas, log_snr };

/// "betas", ...; also the names of a table's column and of the peers' arrays
/// ("beta", "alpha_bar", "alphas_cumprod", "sigma"). Nothing for other names.
std::optional<Quantity> quantity_named(std::string_view name);

struct PlainArray {
  std::optional<Quantity> quantity;    // where the data says so itself
  std::vector<double> values;          // t = 1 first
  std::vector<double> timesteps = {};  // empty: the path's own
};

/// Lines of numbers separated by commas, tabs or blanks. A first line of names says
/// which column is which: the first that quantity_named knows (or, with `wanted`,
/// that quantity) and "timestep". Without names there may be one column.
/// `culprit` opens messages, which name the line.
PlainArray parse_separated(std::string_view text, std::optional<Quantity> wanted,
                           const std::string& culprit);

/// A schedule of `array`, whose quantity is set. Betas and alpha_bars make it variance
/// preserving; sigmas are of `path`. Sigmas that fall (noisiest first, perhaps with
/// a clean 0 at the end) are turned round. Throws Error naming the bad entry.
Schedule from_array(PlainArray array, Path path);

}  // namespace diffusion
