// Gaussian noise addressed by what it is for, not by when it is drawn.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "lib/base/fnv1a.hpp"
#include "lib/rng/philox.hpp"
#include "lib/tensor/tensor.hpp"

namespace diffusion {

/// The noise of `id` at `step` is a pure function of (seed, tool, id, step): it
/// depends on no batch size, thread count, order, or what was drawn before, and
/// is the same on every instruction set. Philox counter (block, step, id low,
/// id high), key = seed xor fnv1a(tool); four normals a block (diff-formats(5)).
class NoiseSource {
 public:
  /// `tool` separates the streams of the tools: "diff-noise", "diff-sample", ...
  NoiseSource(std::uint64_t seed, std::string_view tool);

  const PhiloxKey& key() const { return key_; }

  /// Standard normals number `first`, `first` + 1, ... of (id, step).
  void fill(std::span<float> out, std::uint64_t id, std::uint32_t step,
            std::uint64_t first = 0) const;

  /// Standard normals, one image for each of `ids`: shape[0] == ids.size().
  Tensor normal(const Shape& shape, std::span<const std::uint64_t> ids, std::uint32_t step) const;

  /// The bits of one Philox block, for draws that are not normal.
  PhiloxCounter bits(std::uint64_t id, std::uint32_t step, std::uint32_t block) const;

  /// Uniform on [0, 1), 53 bits: number `index` of (id, step).
  double uniform(std::uint64_t id, std::uint32_t step, std::uint32_t index = 0) const;

 private:
  PhiloxKey key_;
};

}  // namespace diffusion
