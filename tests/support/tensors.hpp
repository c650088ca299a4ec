// Small helpers of tests on tensors.
#pragma once
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "lib/rng/noise_source.hpp"
#include "lib/tensor/tensor.hpp"

namespace diffusion::testing {

/// Standard normals of a shape, the first axis counting ids from `first`.
inline Tensor normals(const Shape& shape, std::uint64_t seed, std::uint32_t step = 0,
                      std::uint64_t first = 0) {
  std::vector<std::uint64_t> ids(shape[0]);
  std::iota(ids.begin(), ids.end(), first);
  return NoiseSource(seed, "test").normal(shape, ids, step);
}

inline Tensor filled(const Shape& shape, float value) {
  Tensor x(shape);
  std::fill(x.begin(), x.end(), value);
  return x;
}

inline double largest_difference(const Tensor& a, const Tensor& b) {
  if (a.shape() != b.shape()) return HUGE_VAL;
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    most = std::max(most, std::abs(double(a.data()[i]) - double(b.data()[i])));
  return most;
}

struct Moments {
  double mean, variance;
};

inline Moments moments(const Tensor& x) {
  const double mean = std::accumulate(x.begin(), x.end(), 0.0) / double(x.size());
  double sum = 0;
  for (const float v : x) sum += (v - mean) * (v - mean);
  return {mean, sum / double(x.size())};
}

}  // namespace diffusion::testing
