#include "lib/xla/gradients_in_parts.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string>

#include "lib/nn/cuts.hpp"
#include "lib/xla/derivative.hpp"

namespace diffusion::xla {
namespace {

/// x once `known` is there: what is made of it is made anew, since compilers cannot know that sums
/// are numbers. Where one is none, nothing is.
Value after(Value x, const std::vector<Value>& known) {
  std::optional<Value> all;
  for (const Value each : known) {
    Extents dims(each.dims().size());
    std::iota(dims.begin(), dims.end(), 0);
    const Value total = sum(convert(each, Type::f32), dims);
    all = all ? *all + total : total;
  }
  const Value is_number = broadcast(compare(*all, Comparison::eq, *all), x.dims(), {});
  return select(is_number, x, filled_like(x, std::numeric_limits<double>::quiet_NaN()));
}

class Parts {
 public:
  Parts(const nn::Graph& graph, std::span<const Value> weights, const NetworkArguments& arguments)
      : graph_(graph),
        weights_(weights.begin(), weights.end()),
        arguments_(arguments),
        program_(*arguments.images.program),
        parts_(nn::parts_of(graph)),
        cotangents_(graph.nodes().size()),
        gradients_(weights.size()) {
    for (std::size_t i = 0; i < weights_.size(); ++i) numbers_[graph.weights()[i].name] = i;
  }

  std::vector<Value> gradients(const LossSlope& slope) {
    values_.resize(parts_.size());
    const NodeRange last = nodes_of(parts_.back());
    lower_part(graph_, weights_, arguments_, {0, last.first}, values_);
    const std::vector<Value> values = made_after(last, {});
    cotangents_.back() = slope(values.back());
    go_back_through(last, values);
    for (std::size_t part = parts_.back(); part-- > 0;) {
      const NodeRange nodes = nodes_of(part);
      std::vector<Value> known;
      for (const std::size_t v : results_of(nodes)) known.push_back(*cotangents_[v]);
      if (!known.empty()) go_back_through(nodes, made_after(nodes, known));
    }
    std::vector<Value> all;
    for (std::size_t i = 0; i < weights_.size(); ++i)
      all.push_back(gradients_[i] ? *gradients_[i] : filled_like(weights_[i], 0));
    return all;
  }

 private:
  static void add(std::optional<Value>& sum, Value more) { sum = sum ? *sum + more : more; }

  NodeRange nodes_of(std::size_t part) const {
    const auto begin = parts_.begin();
    return {std::size_t(std::ranges::lower_bound(parts_, part) - begin),
            std::size_t(std::ranges::upper_bound(parts_, part) - begin)};
  }

  /// The nodes that the loss depends on by later parts, or is made of.
  std::vector<std::size_t> results_of(const NodeRange& part) const {
    std::vector<std::size_t> results;
    for (std::size_t v = part.first; v < part.end; ++v)
      if (cotangents_[v]) results.push_back(v);
    return results;
  }

  /// `values`: what the part made of what it takes, which are values of their own.
  void go_back_through(const NodeRange& part, const std::vector<Value>& values) {
    std::vector<Seed> seeds;
    for (const std::size_t v : results_of(part)) seeds.push_back({values[v], *cotangents_[v]});
    const std::vector<std::size_t> taken = taken_by(part), learnt = weights_of(part);
    std::vector<Value> asked;
    for (const std::size_t v : taken) asked.push_back(values[v]);
    for (const std::size_t w : learnt) asked.push_back(weights_[w]);
    const std::vector<Value> slopes = xla::gradients(program_, seeds, asked);
    for (std::size_t i = 0; i < taken.size(); ++i) add(cotangents_[taken[i]], slopes[i]);
    for (std::size_t i = 0; i < learnt.size(); ++i)
      add(gradients_[learnt[i]], slopes[taken.size() + i]);
  }

  /// The nodes of a part, computed from what they take once `known` is there. Derivatives end at
  /// what they take.
  std::vector<Value> made_after(const NodeRange& part, const std::vector<Value>& known) const {
    const auto begun = [&](Value x) { return known.empty() ? stop_gradient(x) : after(x, known); };
    std::vector<Value> values = values_;
    for (const std::size_t v : taken_by(part)) values[v] = begun(values[v]);
    NetworkArguments arguments = arguments_;
    if (part.first == 0) arguments.images = begun(arguments.images);
    lower_part(graph_, weights_, arguments, part, values);
    return values;
  }

  /// Nodes of earlier parts.
  std::vector<std::size_t> taken_by(const NodeRange& part) const {
    std::set<std::size_t> taken;
    for (std::size_t i = part.first; i < part.end; ++i)
      for (const nn::Value input : graph_.nodes()[i].inputs)
        if (input.node < part.first) taken.insert(input.node);
    return {taken.begin(), taken.end()};
  }

  std::vector<std::size_t> weights_of(const NodeRange& part) const {
    std::set<std::size_t> all;
    for (std::size_t i = part.first; i < part.end; ++i)
      for (const nn::WeightShape& weight : nn::weights_of(graph_.nodes()[i].layer))
        all.insert(numbers_.at(weight.name));
    return {all.begin(), all.end()};
  }

  const nn::Graph& graph_;
  std::vector<Value> weights_;
  const NetworkArguments& arguments_;
  Program& program_;
  std::vector<std::size_t> parts_;                            // of each node
  std::vector<Value> values_;                                 // likewise, on the way forward
  std::vector<std::optional<Value>> cotangents_, gradients_;  // of nodes, of weights
  std::map<std::string, std::size_t> numbers_;
};

}  // namespace

std::vector<Value> gradients_in_parts(const nn::Graph& graph, std::span<const Value> weights,
                                      const NetworkArguments& arguments, const LossSlope& slope) {
  return Parts(graph, weights, arguments).gradients(slope);
}

}  // namespace diffusion::xla
