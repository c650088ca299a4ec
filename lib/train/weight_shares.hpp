// Ranks share the weights: each adds up, updates and averages a part of them.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "lib/base/ranks.hpp"

namespace diffusion {

/// Which of `size` numbers each rank has, and how flat arrays of so many are added up and put
/// together again. Parts are cut at blocks (blocks.hpp), so that each number is met by the same
/// instructions whatever the number of ranks, a power of two.
class WeightShares {
 public:
  WeightShares(Ranks ranks, std::size_t size);

  const Ranks& ranks() const { return ranks_; }
  const Range& own() const { return parts_[ranks_.rank]; }
  template <class T>
  std::span<T> own_of(std::span<T> all) const {
    return all.subspan(own().first, own().count);
  }

  /// Adds the arrays of all ranks up, neighbours first, then pairs of neighbours, and so on:
  /// the tree of LaneSums goes on. The own part of the sum, which lies in `values`; the rest of
  /// them is lost.
  std::span<const float> sum(std::span<float> values);

  /// Euclidean norm of an array of which each rank has its own part; see gradient_norm.
  double norm(std::span<const float> own_values) const;

  /// Each rank has its own part of `all`, and then the whole.
  void gather(std::span<float> all) const;
  /// Then the first rank has the whole in `all`.
  void gather_at_first(std::span<const float> own_values, std::span<float> all) const {
    diffusion::gather_at_first(ranks_, parts_, own_values, all);
  }

 private:
  /// What this rank keeps of a range, and what its partner does.
  struct Halves {
    Range kept, given;
  };
  static Halves halve(const Range& range, std::size_t rank, std::size_t distance);
  void double_up(std::span<std::byte> all, Range (*bytes_of)(const Range&)) const;

  Ranks ranks_;
  std::vector<Range> parts_;      // by ranks
  std::vector<Halves> halvings_;  // with the partners at distances 1, 2, 4, ...
  std::vector<float> received_;   // of a partner
};

}  // namespace diffusion
