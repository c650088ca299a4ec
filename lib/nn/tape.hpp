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
  void push(Tensor tensor) { saved_.push_back(std::move(tensor)); }
  Tensor pop() {
    assert(!saved_.empty());
    Tensor tensor = std::move(saved_.back());
    saved_.pop_back();
    return tensor;
  }
  bool empty() const { return saved_.empty(); }

 private:
  std::vector<Tensor> saved_;
};

}  // namespace diffusion::nn
