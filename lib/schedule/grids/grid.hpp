// Grids: the noise levels that a sampler visits, noisiest first.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/schedule/schedule.hpp"

namespace diffusion {

/// Whether a grid needs the schedule's ends to have a finite signal-to-noise ratio.
enum class Ends { any, finite };

/// One row a spacing. Index grids pick steps of the table; the others pick
/// lambdas between those of its ends, with interpolated timesteps.
struct GridInfo {
  std::string_view name, formula, reference;
  /// `count` levels, noisiest first, without the clean end.
  std::vector<NoiseLevel> (*make)(Params& params, const Schedule& schedule, int count);
  Ends ends = Ends::any;

  static std::span<const Synonym> synonyms();
};

std::span<const GridInfo> grids();

/// The parameters that a grid knows.
std::vector<Parameter> grid_parameters(const GridInfo& row);

/// `intervals` steps that end at clean data: intervals + 1 levels; final=sigma_min ends
/// at step 1's level instead. 0 means as many as the spec says (ddim50; 10,15,20), or
/// else the schedule has. Throws Error for unknown names, for more steps than an index
/// grid has, and where a grid needs a finite signal-to-noise ratio.
std::vector<NoiseLevel> make_grid(std::string_view spec, const Schedule& schedule, int intervals);

/// From a spec; or a file ('/' or ".json") or JSON in place: an array of
/// steps t, noisiest first, {"t": [...]}, the same of "ve_sigma", "sigma" or "tau", or a
/// schedule. "final": "sigma_min" beside them ends the grid at its last level.
std::vector<NoiseLevel> load_grid(const std::string& spec, const Schedule& schedule, int intervals);

/// Whether that says itself how many steps there are.
bool grid_has_own_count(const std::string& spec);

}  // namespace diffusion
