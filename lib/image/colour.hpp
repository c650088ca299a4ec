// Colours of one model in another, in integers of 8 or 16 bits, as Pillow has them.
#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>

namespace diffusion {

/// A channel of RGB from an ink and black, each 0 (no ink) to the type's largest: what both
/// leave of white.
template <class Sample>
Sample without_ink(Sample ink, Sample black) {
  constexpr std::int64_t most = std::numeric_limits<Sample>::max();
  constexpr int bits = std::numeric_limits<Sample>::digits;
  const std::int64_t left = most - black, product = ink * left + most / 2 + 1;
  return Sample(std::max<std::int64_t>(0, left - (((product >> bits) + product) >> bits)));
}
inline float without_ink(float ink, float black) { return (1 - ink) * (1 - black); }

/// A colour that opacity was multiplied into, without it; 0 where there is no opacity.
template <class Sample>
Sample unassociated(Sample colour, Sample opacity) {
  constexpr std::int64_t most = std::numeric_limits<Sample>::max();
  return opacity == 0 ? Sample(0) : Sample(std::min(most, colour * most / opacity));
}
/// Where there is no opacity, light that comes of itself stays as it is.
inline float unassociated(float colour, float opacity) {
  return opacity == 0 ? colour : colour / opacity;
}

}  // namespace diffusion
