#include "lib/noise/combine.hpp"

#include <algorithm>
#include <cassert>

#include "lib/base/parallel.hpp"

namespace diffusion {
namespace {

constexpr std::size_t grain = 1 << 17;  // floats: below that a thread costs more than it saves

constexpr std::size_t piece = 1 << 11;

/// out[i] = f(x[i], y[i])
template <class F>
Tensor map(const Tensor& x, const Tensor& y, F f) {
  assert(x.shape() == y.shape());
  Tensor out(x.shape());
  const float *from_x = x.data(), *from_y = y.data();
  float* to = out.data();
  parallel_ranges(out.size(), grain, [=](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) to[i] = f(from_x[i], from_y[i]);
  });
  return out;
}

}  // namespace

Tensor combine(double a, const Tensor& x, double b, const Tensor& y) {
  const float fa = float(a), fb = float(b);
  if (a == 0) return map(x, y, [=](float, float v) { return fb * v; });
  if (b == 0) return map(x, y, [=](float u, float) { return fa * u; });
  return map(x, y, [=](float u, float v) { return fa * u + fb * v; });
}

Tensor sum(std::span<const Summand> terms) {
  assert(!terms.empty());
  Tensor out(terms.front().of.shape());
  float* to = out.data();
  parallel_ranges(out.size(), grain, [=](std::size_t begin, std::size_t end) {
    // Pieces that the nearest cache holds, so that every tensor is read once.
    for (std::size_t at = begin; at < end; at += piece) {
      const std::size_t past = std::min(end, at + piece);
      std::fill(to + at, to + past, 0.0f);
      for (const Summand& term : terms) {
        const float scale = float(term.scale);
        const float* from = term.of.data();
        if (term.scale == 0) continue;
        for (std::size_t i = at; i < past; ++i) to[i] += scale * from[i];
      }
    }
  });
  return out;
}

void add_scaled(Tensor& x, double b, const Tensor& y) {
  assert(x.shape() == y.shape());
  const float* from = y.data();
  float* to = x.data();
  const float scale = float(b);
  parallel_ranges(x.size(), grain, [=](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) to[i] += scale * from[i];
  });
}

Tensor clamped(const Tensor& x, float low, float high) {
  return map(x, x, [=](float u, float) { return std::clamp(u, low, high); });
}

}  // namespace diffusion
