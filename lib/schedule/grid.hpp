// Grids: the noise levels that a sampler visits, noisiest first.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/schedule/schedule.hpp"

namespace diffusion {

/// One row a spacing. Index grids pick steps of the table; the others pick
/// lambdas between those of its ends, with interpolated timesteps.
struct GridInfo {
  std::string_view name, formula, reference;
  /// `count` levels, noisiest first, without the clean end.
  std::vector<NoiseLevel> (*make)(Params& params, const Schedule& schedule, int count);
};

std::span<const GridInfo> grids();

/// `intervals` steps that end at clean data: intervals + 1 levels. Throws Error
/// for unknown names, for more steps than an index grid has, and where a grid
/// needs a finite signal-to-noise ratio.
std::vector<NoiseLevel> make_grid(std::string_view spec, const Schedule& schedule, int intervals);

/// What --grid takes: a spec, or a file ('/' or ".json"): a JSON array of steps t,
/// noisiest first, or a schedule file. `intervals` 0 means all that there are.
std::vector<NoiseLevel> load_grid(const std::string& spec, const Schedule& schedule, int intervals);

}  // namespace diffusion
