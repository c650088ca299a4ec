// What forward leaves for backward.
#pragma once
#include <cassert>
#include <cstdint>
#include <optional>
#include <vector>

#include "lib/nn/tensor.hpp"
#include "lib/rng/philox.hpp"

namespace diffusion::nn {

/// What a pass in training draws from: image n of its batch is example first + n.
struct ExampleDraws {
  PhiloxKey key;
  std::uint64_t first = 0;
};

/// A stack: forward pushes what its derivative will need, backward pops it in
/// mirror order, and the tape ends empty. A null Tape* means inference: nothing
/// is kept.
class Tape {
 public:
  /// What backward is to find; of the weights means all of them, added to their gradients.
  enum class Derivatives { of_weights, of_input };

  explicit Tape(Derivatives wanted = Derivatives::of_weights) : wanted_(wanted) {}
  bool wants_weights() const { return wanted_ == Derivatives::of_weights; }

  void push(Tensor tensor) { saved_.push_back(std::move(tensor)); }
  Tensor pop() {
    assert(!saved_.empty());
    Tensor tensor = std::move(saved_.back());
    saved_.pop_back();
    return tensor;
  }
  bool empty() const { return saved_.empty(); }

  /// Set in training; without them nothing is left to chance.
  std::optional<ExampleDraws> draws;

 private:
  Derivatives wanted_;
  std::vector<Tensor> saved_;
};

}  // namespace diffusion::nn
