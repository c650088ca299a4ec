#include "lib/train/fixed_weights.hpp"

#include <algorithm>

namespace diffusion {

std::vector<Range> fixed_weights(const nn::Graph& graph) {
  std::vector<Range> all;
  std::size_t first = 0;
  for (const nn::WeightShape& weight : graph.weights()) {
    if (weight.training == nn::Training::fixed) all.push_back({first, weight.count()});
    first += weight.count();
  }
  return all;
}

KeptWeights::KeptWeights(std::span<const Range> fixed, std::span<float> own, std::size_t first) {
  for (const Range& range : fixed) {
    const std::size_t begin = std::max(range.first, first);
    const std::size_t end = std::min(range.first + range.count, first + own.size());
    if (begin >= end) continue;
    const auto weights = own.subspan(begin - first, end - begin);
    parts_.push_back({weights, {weights.begin(), weights.end()}});
  }
}

void KeptWeights::restore() const {
  for (const Part& part : parts_) std::ranges::copy(part.values, part.weights.begin());
}

}  // namespace diffusion
