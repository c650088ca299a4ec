// From clean images back up to the noise that a deterministic sampler makes them from:
// DDIM's walk the other way (Song et al. 2020, "Denoising Diffusion Implicit Models",
// Sec. 4.3 and 5.4; Dhariwal and Nichol 2021, "Diffusion Models Beat GANs on Image
// Synthesis"), and Heun's.
#pragma once
#include "lib/sample/sampler.hpp"

namespace diffusion {

/// The sampler whose way is walked up.
enum class InversionOf { ddim, heun };

struct Inversion {
  InversionOf sampler = InversionOf::ddim;
  // DDIM's: how often each step is corrected by what the sampler would make of its end, a
  // fixed-point iteration whose limit the sampler leads back exactly (Pan et al. 2023,
  // "Effective Real Image Editing with Accelerated Iterative Diffusion Inversion").
  int corrections = 0;
  // Where the model is asked about clean data: there it has no noise to speak of.
  NoiseLevel lowest;
};

/// The state at the noisiest level of a grid from which the sampler leads to `run.x`, for
/// a run up the grid: its levels cleanest first, which may begin clean. Approximate, of
/// order 1 and 2 in the steps, but for corrections. Nothing may be clipped on the way: a
/// clipped estimate no longer says where the state came from.
Tensor inverted(SampleRun run, const Inversion& how);

}  // namespace diffusion
