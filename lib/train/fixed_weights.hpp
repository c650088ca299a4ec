// Weights that no training changes: their gradients are zero, but they would decay.
#pragma once
#include <span>
#include <vector>

#include "lib/base/shard.hpp"
#include "lib/nn/graph.hpp"

namespace diffusion {

/// Where they lie in the flat array of a graph's weights.
std::vector<Range> fixed_weights(const nn::Graph& graph);

/// Remembers those of a part of that array, and puts them back.
class KeptWeights {
 public:
  /// `own`: the part, whose first number is number `first` of the array.
  KeptWeights(std::span<const Range> fixed, std::span<float> own, std::size_t first);
  void restore() const;

 private:
  struct Part {
    std::span<float> weights;
    std::vector<float> values;
  };
  std::vector<Part> parts_;
};

}  // namespace diffusion
