// A data distribution whose denoiser is known exactly and is not linear: on a Gaussian some
// solvers are better than they are (the midpoint method's leading error cancels there).
#pragma once
#include <cmath>

#include "lib/noise/denoiser.hpp"

namespace diffusion::testing {

/// Data is N(mean, std^2) or N(-mean, std^2), as likely, pixel by pixel.
struct TwoGaussians {
  double mean = 1, std = 0.5;

  /// E[x0 | x].
  double x0(double x, const NoiseLevel& at) const {
    const double v = std * std, a = at.alpha, b = at.sigma * at.sigma;
    const double spread = a * a * v + b;
    return (a * v * x + b * mean * std::tanh(a * mean * x / spread)) / spread;
  }

  Denoiser denoiser() const {
    return [*this](const Tensor& x, const NoiseLevel& at) {
      Denoised estimate{x, {}, {}};
      for (float& value : estimate.x0) value = float(x0(value, at));
      return estimate;
    };
  }

  /// Where the probability-flow ODE carries x: with z = x / alpha, dz / dlambda = x0 - z, by
  /// the classical Runge-Kutta method in so many steps that its error is far below
  /// float32's rounding.
  Tensor flow(const Tensor& x, Path path, double from, double to) const {
    constexpr int steps = 2000;
    const double h = (to - from) / steps;
    const auto rate = [&](double z, double lambda) {
      const NoiseLevel at = on_path(path, lambda);
      return x0(at.alpha * z, at) - z;
    };
    Tensor moved = x;
    for (float& value : moved) {
      double z = value / on_path(path, from).alpha;
      for (int i = 0; i < steps; ++i) {
        const double lambda = from + i * h;
        const double k1 = rate(z, lambda), k2 = rate(z + h / 2 * k1, lambda + h / 2),
                     k3 = rate(z + h / 2 * k2, lambda + h / 2), k4 = rate(z + h * k3, lambda + h);
        z += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
      }
      value = float(z * on_path(path, to).alpha);
    }
    return moved;
  }
};

}  // namespace diffusion::testing
