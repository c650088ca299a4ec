// Linear combinations of whole tensors: what every formula here is made of.
#pragma once
#include <initializer_list>
#include <span>

#include "lib/tensor/tensor.hpp"

namespace diffusion {

/// a x + b y, element by element, each rounded once per operation in float32
/// whatever the number of threads. Coefficients of exactly 0 leave a tensor out,
/// so that infinities do not turn 0 into NaN. Shapes must agree.
Tensor combine(double a, const Tensor& x, double b, const Tensor& y);

/// One summand of a linear combination.
struct Summand {
  double scale;
  const Tensor& of;
};

/// The sum of all terms, in their order, likewise.
Tensor sum(std::span<const Summand> terms);
inline Tensor sum(std::initializer_list<Summand> terms) { return sum(std::span(terms)); }

/// x += b y.
void add_scaled(Tensor& x, double b, const Tensor& y);

/// Values limited to [low, high].
Tensor clamped(const Tensor& x, float low, float high);

}  // namespace diffusion
