// Whether numbers are numbers.
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "lib/tensor/tensor.hpp"

namespace diffusion {

/// Whether none is infinite or NaN. Fast: it is asked after every evaluation of a model.
bool all_finite(std::span<const float> values);
inline bool all_finite(const Tensor& values) {
  return all_finite(std::span(values.data(), values.size()));
}

/// What messages say of such values: reading float64 may have made them.
inline constexpr const char* not_finite = "not finite (NaN, infinity, or too large for float32)";

/// The first that is infinite or NaN.
std::optional<std::size_t> first_not_finite(std::span<const float> values);

/// Throws Error, "CULPRIT: value 17 is not finite ...", where one is not.
void need_finite(const Tensor& values, const std::string& culprit);

}  // namespace diffusion
