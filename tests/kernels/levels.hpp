// Kernels at all levels that this processor has.
#pragma once
#include <cmath>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "lib/kernels/kernels.hpp"
#include "tests/nn/gradients.hpp"

namespace diffusion {

inline std::vector<InstructionSet> levels_here() {
  std::vector<InstructionSet> levels;
  for (int i = 0; i <= int(processor_instruction_set()); ++i)
    if (kernels_at(InstructionSet(i))) levels.push_back(InstructionSet(i));
  return levels;
}

/// Calls check(what `outcome` makes of each level's kernels, what it makes of the baseline's).
template <class Outcome, class Check>
void compare_levels(const Outcome& outcome, const Check& check) {
  const auto plain = outcome(*kernels_at(InstructionSet::baseline));
  for (const InstructionSet level : levels_here()) {
    const std::string name(name_of(level));
    CAPTURE(name);
    check(outcome(*kernels_at(level)), plain);
  }
}

template <class T>
void check_same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  REQUIRE(a.size() == b.size());
  CHECK(std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

/// Of b's length.
inline double distance(std::span<const float> a, std::span<const float> b) {
  double off = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    off += (double(a[i]) - b[i]) * (double(a[i]) - b[i]);
    size += double(b[i]) * b[i];
  }
  return std::sqrt(off / size);
}

/// Standard normals, as elements of type T.
template <class T>
std::vector<T> random_elements(std::size_t count, std::uint64_t id) {
  const nn::Tensor values = nn::random_tensor({1, 1, 1, std::int64_t(count)}, id);
  if constexpr (std::is_same_v<T, float>) {
    return {values.floats().begin(), values.floats().end()};
  } else {
    std::vector<T> out(count);
    kernels_at(InstructionSet::baseline)
        ->narrow(std::int64_t(count), values.floats().data(), out.data());
    return out;
  }
}

template <class T>
std::vector<float> as_floats(const std::vector<T>& values) {
  std::vector<float> out;
  for (const T value : values) out.push_back(widened(value));
  return out;
}

}  // namespace diffusion
