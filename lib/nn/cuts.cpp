#include "lib/nn/cuts.hpp"

#include <algorithm>
#include <limits>

namespace diffusion::nn {
namespace {

/// Numbers that a layer leaves for its derivative.
std::size_t left_by(const Graph& graph, const Node& node, std::size_t result) {
  const auto in = [&](std::size_t i) { return graph.numbers(node.inputs[i]); };
  if (std::holds_alternative<layers::Attention>(node.layer)) return in(0) + result;
  if (std::holds_alternative<layers::GatedSum>(node.layer)) return in(1) + in(2);
  const bool of_its_input =
      std::visit(Overloaded{[](const layers::Gelu&) { return true; },
                            [](const layers::SwiGlu&) { return true; },
                            [](const layers::Activate&) { return true; },
                            [](const layers::LayerNorm&) { return true; },
                            [](const auto& l) { return !weights_of(l).empty(); }},
                 node.layer);
  return of_its_input && !node.inputs.empty() ? in(0) : 0;
}

class Cutting {
 public:
  explicit Cutting(const Graph& graph) : last_uses_(graph.nodes().size()) {
    const auto& nodes = graph.nodes();
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      for (const Value input : nodes[i].inputs) last_uses_[input.node] = i;
      sizes_.push_back(graph.numbers({i}));
      left_.push_back(left_by(graph, nodes[i], sizes_.back()));
      all_left_ += left_.back();
    }
    crossing_.resize(nodes.size() + 1);
    for (std::size_t p = 1; p < nodes.size(); ++p)
      crossing_[p] = crossing_[p - 1] + sizes_[p - 1] - ended_before(p);
  }

  std::vector<std::size_t> best() const {
    constexpr std::size_t most_parts = 64;
    std::vector<std::size_t> best;
    std::size_t least = all_left_;
    for (std::size_t parts = 2; parts <= most_parts; ++parts) {
      std::vector<std::size_t> cuts = cut(all_left_ / parts);
      if (const std::size_t peak = peak_of(cuts); peak < least) {
        least = peak;
        best = std::move(cuts);
      }
    }
    return best;
  }

 private:
  /// Of values that cross a cut before p - 1 and none before p.
  std::size_t ended_before(std::size_t p) const {
    std::size_t ended = 0;
    for (std::size_t v = 0; v < p; ++v)
      if (std::max(last_uses_[v], v) == p - 1) ended += sizes_[v];
    return ended;
  }

  /// Parts that leave about so much each, cut where the least is handed on.
  std::vector<std::size_t> cut(std::size_t budget) const {
    std::vector<std::size_t> cuts;
    std::size_t first = 0, left = 0;
    for (std::size_t i = 0; i < left_.size(); ++i) {
      left += left_[i];
      if (left <= budget || i == first) continue;
      std::size_t best = i;
      for (std::size_t p = i; p > first && left_in(first, p) >= budget / 2; --p)
        if (crossing_[p] < crossing_[best]) best = p;
      if (best == 0) continue;
      cuts.push_back(best);
      first = best;
      left = left_in(first, i + 1);
    }
    return cuts;
  }

  std::size_t left_in(std::size_t first, std::size_t end) const {
    std::size_t left = 0;
    for (std::size_t i = first; i < end; ++i) left += left_[i];
    return left;
  }

  std::size_t peak_of(const std::vector<std::size_t>& cuts) const {
    std::size_t kept = 0, largest = 0, first = 0;
    for (std::size_t v = 0; v < sizes_.size(); ++v) {
      const auto next = std::ranges::upper_bound(cuts, v);
      if (next != cuts.end() && *next <= last_uses_[v]) kept += sizes_[v];
    }
    for (const std::size_t cut : cuts) {
      largest = std::max(largest, left_in(first, cut));
      first = cut;
    }
    return kept + std::max(largest, left_in(first, left_.size()));
  }

  std::vector<std::size_t> last_uses_, sizes_, left_, crossing_;
  std::size_t all_left_ = 0;
};

}  // namespace

std::vector<std::size_t> best_cuts(const Graph& graph) { return Cutting(graph).best(); }

std::vector<std::size_t> parts_of(const Graph& graph) {
  const std::vector<std::size_t> cuts = best_cuts(graph);
  std::vector<std::size_t> parts;
  for (std::size_t i = 0; i < graph.nodes().size(); ++i)
    parts.push_back(std::size_t(std::ranges::upper_bound(cuts, i) - cuts.begin()));
  return parts;
}

}  // namespace diffusion::nn
