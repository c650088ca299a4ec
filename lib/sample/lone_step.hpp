// One step of a sampler, with an estimate that was made elsewhere.
#pragma once
#include <string>

#include "lib/sample/sampler.hpp"

namespace diffusion {

struct LoneStep {
  const Tensor& x;  // at `from`, in the path's scale
  NoiseLevel from, to;
  Path path;
  const Denoised& estimate;  // of x at `from`
  std::uint32_t index;       // of the step along its grid, the first being 1
  NoiseDraw noise;
  const Schedule* schedule = nullptr;  // for levels beside those two
};

/// The state at `to`: the same bits as where the sampler goes along a grid that has the
/// levels `from` and `to` at index - 1 and index. Throws Error for samplers whose steps
/// need more than the one estimate.
Tensor lone_step(const std::string& sampler_spec, const LoneStep& step);

}  // namespace diffusion
