// What forward leaves for backward.
#pragma once
#include <cassert>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "lib/nn/parameters.hpp"
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
  /// Backward finds the derivative of the input, and leaves the weights alone.
  Tape() = default;
  /// Backward adds the derivatives of the weights to `gradients`: one number a weight, in the
  /// order of Parameters.
  explicit Tape(std::span<float> gradients) : gradients_(gradients) {}

  bool wants_weights() const { return gradients_.has_value(); }
  std::span<float> gradient(const Param& param) const {
    return gradients_->subspan(param.offset, param.size);
  }

  void push(Tensor tensor) { saved_.push_back(std::move(tensor)); }
  Tensor pop() {
    assert(!saved_.empty());
    Tensor tensor = std::move(saved_.back());
    saved_.pop_back();
    return tensor;
  }
  bool empty() const { return saved_.empty() && beginnings.values.empty(); }
  /// Of all that is kept, each buffer once.
  std::size_t bytes() const;

  /// Set in training; without them nothing is left to chance.
  std::optional<ExampleDraws> draws;

  /// Where set, forward keeps what the parts of a graph begin with, and backward computes each part
  /// anew (nn/cuts.hpp): the same bits, from less memory.
  bool recomputes = false;
  struct Beginnings {
    std::vector<Tensor> values = {};  // of each node, where a later part takes it
    Tensor images = {};
    std::vector<float> timesteps = {};
    std::vector<int> labels = {};
  };
  Beginnings beginnings = {};

 private:
  std::optional<std::span<float>> gradients_;
  std::vector<Tensor> saved_;
};

}  // namespace diffusion::nn
