// A data distribution whose denoiser and ODE solution are known exactly.
#pragma once
#include <cmath>

#include "lib/noise/combine.hpp"
#include "lib/noise/denoiser.hpp"

namespace diffusion::testing {

/// Data is N(mean, std^2), pixel by pixel.
struct Gaussian {
  double mean = 0.3, std = 0.5;

  Denoiser denoiser() const {
    return [*this](const Tensor& x, const NoiseLevel& at) {
      const double v = std * std, a = at.alpha, b = at.sigma * at.sigma;
      Tensor x0 = combine(a * v / (a * a * v + b), x, 0, x);
      x0 += float(b * mean / (a * a * v + b));
      return Denoised{x0, {}, {}};
    };
  }

  /// Where the probability-flow ODE carries x: x - alpha mean scales with its spread.
  Tensor flow(const Tensor& x, const NoiseLevel& from, const NoiseLevel& to) const {
    const double scale = spread(to) / spread(from);
    Tensor moved = combine(scale, x, 0, x);
    moved += float(to.alpha * mean - scale * from.alpha * mean);
    return moved;
  }

  double spread(const NoiseLevel& at) const { return std::hypot(at.alpha * std, at.sigma); }
};

}  // namespace diffusion::testing
