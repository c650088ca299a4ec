// Random choices of images, as pure functions of a seed.
#pragma once
#include <cstdint>
#include <vector>

namespace diffusion {

/// What a choice is for: the step of its random numbers (diff-formats(5)).
enum class DrawPurpose : std::uint32_t {
  kid_of_real = 1,
  kid_of_fake = 2,
  infinity = 3,
  bootstrap_of_real = 4,
  bootstrap_of_fake = 5,
  subset = 6,
};

struct Draw {
  std::uint64_t seed;
  DrawPurpose purpose;
  std::uint64_t number;  // of the choice: 0, 1, ...
};

/// `chosen` of the indices 0..count - 1 without repetition: the front of a shuffle by
/// Durstenfeld 1964, whose swap i takes i + floor(u_i (count - i)); u_i is the uniform
/// number i of NoiseSource(seed, "diff-fid") at the draw's number and purpose.
std::vector<std::size_t> draw_subset(const Draw& draw, std::size_t count, std::size_t chosen);

/// `count` of the indices 0..count - 1 with repetition: floor(u_i count).
std::vector<std::size_t> draw_resample(const Draw& draw, std::size_t count);

}  // namespace diffusion
