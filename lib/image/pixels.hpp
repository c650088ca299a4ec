// Stored samples to values in [-1, 1] and back.
#pragma once
#include <cstdint>
#include <span>

namespace diffusion {

/// 8-bit v is v / 127.5 - 1, 16-bit v / 32767.5 - 1, float v is 2 v - 1. `out` is as long as
/// `samples`.
void to_values(std::span<const std::uint8_t> samples, float* out);
void to_values(std::span<const std::uint16_t> samples, float* out);
void to_values(std::span<const float> samples, float* out);

/// The reverse: rounded to nearest and clipped for integers (NaN is 0); floats
/// are (x + 1) / 2, unclipped.
void to_samples(std::span<const float> values, std::uint8_t* out);
void to_samples(std::span<const float> values, std::uint16_t* out);
void to_samples(std::span<const float> values, float* out);

}  // namespace diffusion
