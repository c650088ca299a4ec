// What forward leaves for backward.
#pragma once
#include <cassert>
#include <vector>

#include "lib/nn/tensor.hpp"

namespace diffusion::nn {

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

 private:
  Derivatives wanted_;
  std::vector<Tensor> saved_;
};

}  // namespace diffusion::nn
