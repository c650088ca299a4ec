// The model that samples are guided away from: diff-sample --guide.
#pragma once
#include <string>

#include "lib/models/model.hpp"
#include "tools/sample/guidance.hpp"

namespace diffusion {

struct Guide {
  std::string name;
  Model model;
  double scale;  // as --cfg's: 1 is no guidance
};

struct GuideName {
  std::string model;
  double scale;
};

/// From "MODEL" or "MODEL:SCALE": what follows the last colon is a scale where it is a number and
/// the whole names no file. Throws Error for scales that are negative or not finite.
GuideName parse_guide(const std::string& spec);

/// Throws Error where the guide's samples have another size or other classes than the model's,
/// or where the guide learnt another process or another meaning of timesteps than `schedule`.
void check_guide(const Guide& guide, const Model& model, const Schedule& schedule,
                 const std::string& name);

}  // namespace diffusion
