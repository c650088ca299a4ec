#include "lib/noise/wrappers.hpp"

#include <cassert>

#include "lib/noise/combine.hpp"

namespace diffusion {

Denoiser clipped(Denoiser inner, float low, float high) {
  return [=, inner = std::move(inner)](const Tensor& x_t, const NoiseLevel& at) {
    Denoised denoised = inner(x_t, at);
    denoised.x0 = clamped(denoised.x0, low, high);
    if (!at.clean()) denoised.eps.reset();  // follows from x0 again
    return denoised;
  };
}

Denoiser guided(Denoiser conditional, Denoiser unconditional, double scale) {
  if (scale == 1) return conditional;
  if (scale == 0) return unconditional;
  return [=, with = std::move(conditional), without = std::move(unconditional)](
             const Tensor& x_t, const NoiseLevel& at) {
    Denoised denoised = with(x_t, at);
    const Denoised plain = without(x_t, at);
    assert(denoised.eps.has_value() == plain.eps.has_value());
    // The shares add up to 1, so x0 and eps still describe one state.
    if (denoised.eps) denoised.eps = combine(scale, *denoised.eps, 1 - scale, *plain.eps);
    denoised.x0 = combine(scale, denoised.x0, 1 - scale, plain.x0);
    return denoised;
  };
}

Denoiser watched(Denoiser inner, Evaluation seen) {
  return
      [inner = std::move(inner), seen = std::move(seen)](const Tensor& x_t, const NoiseLevel& at) {
        Denoised denoised = inner(x_t, at);
        seen(x_t, at, denoised);
        return denoised;
      };
}

}  // namespace diffusion
