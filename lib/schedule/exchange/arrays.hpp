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

/// The column of a table that holds it.
std::string column_of(Quantity quantity);

/// The column that a list of `schedule` is made of where nobody says which.
std::string usual_column(const Schedule& schedule);

struct PlainArray {
  std::optional<Quantity> quantity;    // where the data says so itself
  std::vector<double> values;          // t = 1 first
  std::vector<double> timesteps = {};  // empty: the path's own
};

/// A JSON array, or text with a number a line, or columns whose first line names them:
/// the first that quantity_named knows (or, with `wanted`, that quantity) and "timestep".
/// Without names and `wanted` the quantity stays unknown. `culprit` opens messages.
PlainArray parse_list(const std::string& text, std::optional<Quantity> wanted,
                      const std::string& culprit);

/// A schedule of `array`, whose quantity is set. Betas and alpha_bars make it variance
/// preserving; sigmas are of `path`. Sigmas that fall (noisiest first, perhaps with
/// a clean 0 at the end) are turned round. Throws Error naming the bad entry.
Schedule from_array(PlainArray array, Path path);

}  // namespace diffusion
