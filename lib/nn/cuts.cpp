#include "lib/nn/cuts.hpp"

#include <algorithm>

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
  explicit Cutting(const Graph& graph) : last_uses_(graph.nodes().size()), left_before_{0} {
    const auto& nodes = graph.nodes();
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      for (const Value input : nodes[i].inputs) last_uses_[input.node] = i;
      sizes_.push_back(graph.numbers({i}));
      left_before_.push_back(left_before_.back() + left_by(graph, nodes[i], sizes_.back()));
    }
    std::vector<std::size_t> ending(nodes.size() + 1);  // what no cut after a node crosses
    for (std::size_t v = 0; v < nodes.size(); ++v) ending[std::max(last_uses_[v], v)] += sizes_[v];
    crossing_.push_back(0);
    for (std::size_t p = 0; p < nodes.size(); ++p)
      crossing_.push_back(crossing_.back() + sizes_[p] - ending[p]);
  }

  std::vector<std::size_t> best() const {
    constexpr std::size_t most_parts = 64;
    std::vector<std::size_t> best;
    const std::size_t all = left_in(0, count());
    std::size_t least = all;
    for (std::size_t parts = 2; parts <= most_parts; ++parts) {
      std::vector<std::size_t> cuts = cut(all / parts);
      if (const std::size_t peak = peak_of(cuts); peak < least) {
        least = peak;
        best = std::move(cuts);
      }
    }
    return best;
  }

 private:
  /// Parts that leave about so much each, cut where the least is handed on.
  std::vector<std::size_t> cut(std::size_t budget) const {
    std::vector<std::size_t> cuts;
    std::size_t first = 0;
    for (std::size_t i = 0; i < count(); ++i) {
      if (left_in(first, i + 1) <= budget || i == first) continue;
      std::size_t best = i;
      for (std::size_t p = i; p > first && left_in(first, p) >= budget / 2; --p)
        if (crossing_[p] < crossing_[best]) best = p;
      if (best == 0) continue;
      cuts.push_back(best);
      first = best;
    }
    return cuts;
  }

  /// By nodes [first, end).
  std::size_t left_in(std::size_t first, std::size_t end) const {
    return left_before_[end] - left_before_[first];
  }
  std::size_t count() const { return sizes_.size(); }

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
    return kept + std::max(largest, left_in(first, count()));
  }

  std::vector<std::size_t> last_uses_, sizes_;
  std::vector<std::size_t> left_before_;  // by the nodes before each
  std::vector<std::size_t> crossing_;     // a cut before each
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
