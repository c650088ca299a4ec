// Derivatives against central differences.
#pragma once
#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "lib/nn/tape.hpp"
#include "lib/rng/noise_source.hpp"
#include "tests/support/catch.hpp"

namespace diffusion::nn {

inline Tensor random_tensor(Dims dims, std::uint64_t id) {
  Tensor t(dims);
  NoiseSource(7, "test").fill(t.floats(), id, 0);
  return t;
}

/// Normals of that deviation, or of 1 / sqrt(inputs) where a layer has many: sums of them stay of
/// one size through all layers, so that rounding does.
inline void randomise(Parameters& parameters, float scale) {
  NoiseSource(8, "test").fill(parameters.values(), 0, 0);
  for (const Param& param : parameters.all()) {
    const std::size_t inputs = param.size / param.shape[0];
    for (float& v : parameters.value(param)) v *= std::min(scale, 1 / std::sqrt(float(inputs)));
  }
  parameters.touch();
}

/// A tape, and where backward adds the weights' derivatives.
struct Gradients {
  std::vector<float> values;
  Tape tape{values};

  explicit Gradients(const Parameters& parameters) : values(parameters.size()) {}
  std::span<const float> of(const Param& param) const {
    return std::span(values).subspan(param.offset, param.size);
  }
};

/// Euclidean, in double.
inline double norm(std::span<const float> x) {
  double sum = 0;
  for (const float v : x) sum += double(v) * v;
  return std::sqrt(sum);
}

inline double distance(std::span<const float> a, std::span<const float> b) {
  REQUIRE(a.size() == b.size());
  std::vector<float> off(a.size());
  std::ranges::transform(a, b, off.begin(), std::minus{});
  return norm(off);
}

inline double relative_distance(std::span<const float> a, std::span<const float> b) {
  return distance(a, b) / norm(b);
}

/// In double: the loss whose derivative is dy.
inline double dot(const Tensor& y, const Tensor& dy) {
  double sum = 0;
  for (std::size_t i = 0; i < y.count(); ++i) sum += double(y.floats()[i]) * dy.floats()[i];
  return sum;
}

/// Moves `point` along a random direction u and compares the loss's slope with
/// <gradient, u>. Richardson's combination of steps h, h/2 and h/4 leaves an error of
/// order h^6 from the curvature, which lets steps be long; rounding of float32 leaves
/// about 2^-24 |loss terms| / (h/4), so that the shortest, 2^-6, keeps it near 1e-4.
inline void check_slope(std::span<float> point, std::span<const float> gradient,
                        const std::function<double()>& loss, std::uint64_t direction) {
  std::vector<float> u(point.size()), start(point.begin(), point.end());
  NoiseSource(9, "test").fill(u, direction, 0);
  double slope = 0, size = 0, length = 0;
  for (std::size_t i = 0; i < u.size(); ++i) length += double(u[i]) * u[i];
  length = std::sqrt(length);
  for (std::size_t i = 0; i < u.size(); ++i) {
    u[i] = float(u[i] / length);
    slope += double(u[i]) * gradient[i];
    size += double(gradient[i]) * gradient[i];
  }
  const auto at = [&](double step) {
    for (std::size_t i = 0; i < u.size(); ++i) point[i] = float(start[i] + step * u[i]);
    return loss();
  };
  const double h = 0x1p-4;
  const auto difference = [&](double step) { return (at(step) - at(-step)) / (2 * step); };
  const double measured = (64 * difference(h / 4) - 20 * difference(h / 2) + difference(h)) / 45;
  at(0);
  CAPTURE(slope, measured, std::sqrt(size));
  CHECK(std::abs(slope - measured) < 1e-3 * std::sqrt(size) + 2e-4);
}

/// Each weight on its own; gradients as backward left them.
inline void check_parameter_gradients(Parameters& parameters, const Gradients& gradients,
                                      const std::function<double()>& loss) {
  const auto touched = [&] {
    parameters.touch();
    return loss();
  };
  for (const Param& param : parameters.all()) {
    CAPTURE(param.name);
    const auto gradient = gradients.of(param);
    if (param.training == Training::fixed) {
      CHECK(norm(gradient) == 0);
      continue;
    }
    if (param.name.ends_with("to_k.bias")) {
      // Moves all scores of a query alike, so that its derivative is exactly 0: better held
      // to that than to differences, which are nothing but rounding here.
      double size = 0;
      for (const float value : gradient) size += double(value) * value;
      CHECK(std::sqrt(size) < 2e-4);
      continue;
    }
    for (std::uint64_t direction = 0; direction < 2; ++direction)
      check_slope(parameters.value(param), gradient, touched, direction);
  }
}

}  // namespace diffusion::nn
