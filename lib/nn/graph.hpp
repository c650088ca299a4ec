// A network as data: its layers and what flows between them, written once and run by any
// engine. A description adds layers in the order in which they are computed; the way back is
// theirs to find.
#pragma once
#include <cstddef>
#include <deque>
#include <initializer_list>
#include <string>
#include <unordered_set>
#include <vector>

#include "lib/nn/layers.hpp"

namespace diffusion::nn {

/// What a layer of a graph makes.
struct Value {
  std::size_t node;
  bool operator==(const Value&) const = default;
};

struct Node {
  Layer layer;
  std::vector<Value> inputs;
};

class Graph {
 public:
  /// The first layer is what the network is given.
  explicit Graph(layers::Images images);

  Value images() const { return {0}; }
  /// Throws Error that names the layer where its inputs do not fit it.
  Value add(Layer layer, std::initializer_list<Value> inputs = {});

  /// Model files hold weights in the order in which their layers are declared, or else added.
  template <class... Layers>
  void declare(const Layers&... layers) {
    (declare_weights(layers), ...);
  }

  const std::deque<Node>& nodes() const { return nodes_; }
  const Node& operator[](Value value) const { return nodes_[value.node]; }
  std::int64_t channels(Value value) const { return smallest_[value.node].c; }
  /// How many numbers it has for the smallest image that there is.
  std::size_t numbers(Value value) const { return smallest_[value.node].count(); }
  /// The last layer is what the network says.
  Value output() const { return {nodes_.size() - 1}; }
  const std::vector<WeightShape>& weights() const { return weights_; }
  /// All numbers of all weights.
  std::size_t weight_count() const;
  /// How many classes labels may name; 0 where the network takes none.
  std::int64_t classes() const { return classes_; }

  /// What each layer makes of a batch of this size. Throws Error where the network does not take
  /// such images.
  std::vector<Dims> sizes(const Dims& images) const;
  /// The same check alone.
  void check(const Dims& images) const;

 private:
  void declare_weights(const Layer& layer);
  Dims size_of(const Node& node, const std::vector<Dims>& before) const;

  std::deque<Node> nodes_;
  std::vector<Dims> smallest_;  // what each makes of the smallest image that there is
  std::vector<WeightShape> weights_;
  std::unordered_set<std::string> declared_;  // their names
  std::int64_t classes_ = 0;
};

}  // namespace diffusion::nn
