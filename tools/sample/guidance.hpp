// What samples are guided towards, away from, how far and at which levels: diff-sample --cfg.
#pragma once
#include <optional>
#include <string>

#include "lib/models/model.hpp"
#include "lib/noise/guidance.hpp"
#include "tools/cli/tool.hpp"

namespace diffusion::cli {

struct GuidanceRequest {
  std::optional<double> scale, rescale, parallel, norm;
  std::string interval;  // "LO,HI" in sigma/alpha, or ""
  std::string negative;  // the class to guide away from, or "": from the model without one
};

void add_guidance_options(const Flags& flags, GuidanceRequest& request);

/// Throws Error where a number is out of its range, or has no scale to go with it.
Guidance guidance_of(const Model& model, const GuidanceRequest& request);

}  // namespace diffusion::cli
