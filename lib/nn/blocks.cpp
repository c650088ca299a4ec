#include "lib/nn/blocks.hpp"

namespace diffusion::nn {

Value Condition::add_to(Graph& graph) const {
  return add_to(graph, graph.add(layers::Sinusoids{time}));
}

Condition::Parts Condition::parts(Graph& graph, Value sinusoids) const {
  const Value hidden = graph.add(first, {sinusoids});
  Value all = graph.add(second, {graph.add(layers::Activate{}, {hidden})});
  std::optional<Value> vector;
  if (label) {
    vector = graph.add(*label);
    all = graph.add(layers::Sum{}, {all, *vector});
  }
  return {graph.add(layers::Activate{}, {all}), vector};
}

Value BlockModulation::part(Graph& graph, std::int64_t i) const {
  return graph.add(layers::ChannelRange{i * width, width}, {all});
}

Value BlockModulation::normalised(Graph& graph, Value x, std::int64_t first,
                                  const layers::LayerNorm& norm) const {
  const Value shift = part(graph, first), scale = part(graph, first + 1);
  return graph.add(norm, {x, shift, scale});
}

void AdaptiveBlock::declare(Graph& graph) const {
  graph.declare(norm1, qkv);
  if (query_key_norm) graph.declare(*query_key_norm);
  graph.declare(out, norm2, widened, narrowed);
}

Value AdaptiveBlock::add_to(Graph& graph, Value x, const BlockModulation& modulation) const {
  Value h = graph.add(qkv, {modulation.normalised(graph, x, 0, norm1)});
  if (query_key_norm) h = graph.add(*query_key_norm, {h});
  if (rotary) h = graph.add(*rotary, {h});
  h = thinned(graph, graph.add(out, {graph.add(attention, {h})}), ".attention");
  x = graph.add(layers::GatedSum{}, {x, h, modulation.part(graph, 2)});
  h = graph.add(widened, {modulation.normalised(graph, x, 3, norm2)});
  h = graph.add(narrowed, {thinned(graph, graph.add(activation, {h}), ".mlp")});
  return graph.add(layers::GatedSum{}, {x, h, modulation.part(graph, 5)});
}

Value AdaptiveBlock::thinned(Graph& graph, Value x, const char* part) const {
  if (dropout.rate == 0) return x;
  return graph.add(layers::Dropout{dropout.name + part, dropout.rate}, {x});
}

}  // namespace diffusion::nn
