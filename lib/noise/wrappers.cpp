#include "lib/noise/wrappers.hpp"

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

Denoiser watched(Denoiser inner, Evaluation seen) {
  return
      [inner = std::move(inner), seen = std::move(seen)](const Tensor& x_t, const NoiseLevel& at) {
        Denoised denoised = inner(x_t, at);
        seen(x_t, at, denoised);
        return denoised;
      };
}

}  // namespace diffusion
