// What samples are guided towards, away from, how far and at which levels: diff-sample --cfg
// and --guide.
#pragma once
#include <optional>
#include <string>

#include "lib/models/model.hpp"
#include "lib/noise/guidance.hpp"
#include "tools/cli/tool.hpp"

namespace diffusion::cli {

/// The model to guide away from.
struct GuideRequest {
  std::string spec;     // "MODEL" or "MODEL:SCALE", or ""
  std::string weights;  // "" where they are not given
};

struct GuidanceRequest {
  std::optional<double> scale, rescale, parallel, norm, momentum;
  std::optional<int> zero;  // of CFG-Zero*: the steps that stand still
  std::string interval;     // "LO,HI" in sigma/alpha, or ""
  std::string negative;     // the class to guide away from, or "": from the model without one
  GuideRequest guide;
};

void add_guidance_options(const Flags& flags, GuidanceRequest& request);
/// Those that need a walk down one grid: momentum and CFG-Zero*.
void add_walk_guidance_options(const Flags& flags, GuidanceRequest& request);

/// By classes alone. Throws Error where a number is out of its range, or has nothing to go with.
Guidance guidance_of(const Model& model, const GuidanceRequest& request);

}  // namespace diffusion::cli
