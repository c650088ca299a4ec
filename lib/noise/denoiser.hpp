// THE SEAM between models and samplers.
#pragma once
#include <functional>
#include <optional>

#include "lib/schedule/noise_level.hpp"
#include "lib/tensor/tensor.hpp"

namespace diffusion {

/// What a denoiser answers, each of x_t's shape.
struct Denoised {
  Tensor x0;                  // E[x_0 | x_t], or an estimate of it
  std::optional<Tensor> eps;  // set where it is not simply (x_t - alpha x0) / sigma
  // v of exp(v log beta + (1 - v) log beta~), the variance of a reverse step, where the
  // model predicts one (Nichol and Dhariwal 2021, Eq. 15): 0 is beta~, 1 is beta.
  std::optional<Tensor> variance_share;
};

/// A batch x_t, N x H x W x C in the path's own scale, all at one noise level.
/// What the network really predicts (eps, x0, v), its preconditioning, labels,
/// guidance and clipping are hidden behind this; samplers see nothing else.
using Denoiser = std::function<Denoised(const Tensor& x_t, const NoiseLevel& at)>;

/// An estimate x0 of the clean data, and the derivative of <v, x0> with respect to x_t.
struct Pulled {
  Tensor x0, derivative;
};
using Pullback = std::function<Pulled(const Tensor& x_t, const NoiseLevel& at, const Tensor& v)>;

/// A denoiser that knows its derivative. As a Denoiser it is one like others; what it
/// knows is found again until it is wrapped in another.
struct DifferentiableDenoiser {
  Denoiser denoise;
  Pullback pull;

  Denoised operator()(const Tensor& x_t, const NoiseLevel& at) const { return denoise(x_t, at); }
};
inline const Pullback* pullback_of(const Denoiser& denoise) {
  const auto* const known = denoise.target<DifferentiableDenoiser>();
  return known ? &known->pull : nullptr;
}

}  // namespace diffusion
