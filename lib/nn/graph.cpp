#include "lib/nn/graph.hpp"

#include <algorithm>

#include "lib/base/error.hpp"

namespace diffusion::nn {
namespace {

Dims smallest(const layers::Images& images) {
  return {1, std::max(images.height, images.multiple), std::max(images.width, images.multiple),
          images.channels};
}

}  // namespace

Graph::Graph(layers::Images images) : nodes_{{images, {}}}, smallest_{smallest(images)} {}

Value Graph::add(Layer layer, std::initializer_list<Value> inputs) {
  Node node{std::move(layer), inputs};
  smallest_.push_back(size_of(node, smallest_));
  declare_weights(node.layer);
  if (const auto* const vector = std::get_if<layers::ClassVector>(&node.layer))
    if (node.inputs.empty()) classes_ = vector->classes;
  if (const auto* const labels = std::get_if<layers::LabelSinusoids>(&node.layer))
    classes_ = labels->classes;
  nodes_.push_back(std::move(node));
  return output();
}

void Graph::declare_weights(const Layer& layer) {
  for (WeightShape& weight : weights_of(layer))
    if (declared_.insert(weight.name).second) weights_.push_back(std::move(weight));
}

std::size_t Graph::weight_count() const {
  std::size_t all = 0;
  for (const WeightShape& weight : weights_) all += weight.count();
  return all;
}

Dims Graph::size_of(const Node& node, const std::vector<Dims>& before) const {
  std::vector<Dims> inputs;
  for (const Value input : node.inputs) inputs.push_back(before[input.node]);
  if (inputs.empty()) inputs.push_back(before.front());
  return output_of(node.layer, inputs);
}

std::vector<Dims> Graph::sizes(const Dims& images) const {
  check(images);
  std::vector<Dims> all{images};
  for (std::size_t i = 1; i < nodes_.size(); ++i) all.push_back(size_of(nodes_[i], all));
  return all;
}

void Graph::check(const Dims& d) const {
  const auto& takes = std::get<layers::Images>(nodes_.front().layer);
  const auto sides = [](std::int64_t h, std::int64_t w) {
    return std::to_string(h) + " x " + std::to_string(w);
  };
  if (d.c != takes.channels)
    throw Error("images have " + std::to_string(d.c) + " channels where the network takes " +
                std::to_string(takes.channels));
  if (takes.height > 0 && (d.h != takes.height || d.w != takes.width))
    throw Error("images of " + sides(d.h, d.w) + ": the network takes " +
                sides(takes.height, takes.width));
  if (d.h % takes.multiple != 0 || d.w % takes.multiple != 0)
    throw Error("images of " + sides(d.h, d.w) +
                ": the network takes heights and widths that are multiples of " +
                std::to_string(takes.multiple));
}

}  // namespace diffusion::nn
