// Denoisers made from denoisers.
#pragma once
#include <functional>
#include <string>

#include "lib/base/error.hpp"
#include "lib/noise/denoiser.hpp"

namespace diffusion {

/// x0 limited to [low, high], with eps derived from the limited x0 again, so that
/// both describe the same state (Ho et al. 2020, code).
Denoiser clipped(Denoiser inner, float low = -1, float high = 1);

/// What becomes of eps where x0 is limited: it follows from x0 again, or stays what the model
/// said (as in diffusers' DDIM).
enum class EpsOfLimited { derived, raw };

/// x0 as `limit` changes it in place.
Denoiser limited(Denoiser inner, std::function<void(Tensor& x0)> limit, EpsOfLimited eps);

/// An estimate that is no number, and where it was made.
struct NotFinite : Error {
  NotFinite(const std::string& model, const NoiseLevel& at, const std::string& step = "");
  std::string model;
  NoiseLevel at;
};

/// Throws NotFinite, in the name of `model`, where an estimate is not finite; a derivative
/// stays known.
Denoiser finite(Denoiser inner, std::string model);

/// Throws Interrupted at Ctrl-C, between evaluations; a derivative stays known.
Denoiser interruptible(Denoiser inner);

/// Calls `seen` after each evaluation.
using Evaluation = std::function<void(const Tensor& x_t, const NoiseLevel& at, const Denoised&)>;
Denoiser watched(Denoiser inner, Evaluation seen);

}  // namespace diffusion
