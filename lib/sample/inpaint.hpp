// Part of an image painted anew, the rest kept: Lugmayr et al. 2022, "RePaint: Inpainting
// using Denoising Diffusion Probabilistic Models".
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/sample/sampler.hpp"

namespace diffusion {

struct Inpainting {
  Tensor images;           // K x H x W x C, clean; sample i has image i modulo K
  Tensor mask;             // M x H x W x C, likewise; 1 is painted anew, 0 kept
  std::uint32_t resample;  // how often each stretch is walked; 1: once
  std::uint32_t jump;      // intervals of such a stretch
};

/// How often, and how far back: what is usual unless it is said.
struct Repainting {
  std::optional<std::uint32_t> resample = {}, jump = {};
};

/// The inpainting by `sampler` (a spec) in a walk of so many steps; 10 times in stretches of
/// 10 steps, or a fifth of them where that is less. Throws Error where the sampler does not
/// walk in steps of their own, and for a jump as long as the walk.
Inpainting inpainting_of(Tensor images, Tensor mask, const std::string& sampler, std::size_t steps,
                         const Repainting& asked = {});

/// A sampler that takes `inner` from level to level, replaces what is kept by the image
/// brought to that level by the forward process, and jumps back by the forward process to
/// walk a stretch again (Alg. 1), so that both parts come to suit each other. At the end
/// what is kept are the images' own values. `inner` must walk in steps of their own
/// (SamplerInfo::steps). Refers to `job`.
Sampler inpainted(Sampler inner, const Inpainting& job);

/// The levels that the walk over `intervals` visits, by their index in the grid: one on in
/// each step, and `jump` back where it resamples (the paper's code, get_schedule_jump).
std::vector<std::uint32_t> inpainting_walk(std::uint32_t intervals, const Inpainting& job);

}  // namespace diffusion
