#include "lib/tensor/finite.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "lib/base/error.hpp"

namespace diffusion {

/// By the exponent's bits alone, many at a time.
bool all_finite(std::span<const float> values) {
  constexpr std::uint32_t exponent = 0x7f800000;
  std::uint32_t odd = 0;
  for (const float value : values)
    odd |= std::uint32_t((std::bit_cast<std::uint32_t>(value) & exponent) == exponent);
  return odd == 0;
}

std::optional<std::size_t> first_not_finite(std::span<const float> values) {
  if (all_finite(values)) return std::nullopt;
  const auto odd = std::ranges::find_if_not(values, [](float x) { return std::isfinite(x); });
  return std::size_t(odd - values.begin());
}

void need_finite(const Tensor& values, const std::string& culprit) {
  if (const auto odd = first_not_finite({values.data(), values.size()}))
    throw Error(culprit + ": value " + std::to_string(*odd) + " is " + not_finite);
}

}  // namespace diffusion
