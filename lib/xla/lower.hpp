// Networks as programs: each kind of layer in the operations of StableHLO.
#pragma once
#include <optional>
#include <span>
#include <vector>

#include "lib/nn/graph.hpp"
#include "lib/xla/operations.hpp"

namespace diffusion::xla {

/// What dropout's masks are drawn from, see nn::ExampleDraws: two words each, the lower first.
struct DropoutDraws {
  Value key, first;  // u32, 2
};

/// What a network is given besides its weights.
struct NetworkArguments {
  Value images;                            // f32, N x H x W x C
  std::vector<Value> sinusoids;            // f32, N x channels: of each such layer, in their order
  std::optional<Value> labels = {};        // s32, N; none: no image has one
  std::optional<DropoutDraws> draws = {};  // in training
  Type working = Type::f32;                // of activations and products, or bf16
};

/// The weights of a graph, each in its shape, from their flat array (f32, as nn::Parameters holds
/// it).
std::vector<Value> separate_weights(const nn::Graph& graph, Value flat);

/// The reverse: what belongs to the weights in the order of the flat array.
Value flat_array(std::span<const Value> parts);

/// What the network says, f32. `weights`: of separate_weights. Throws Error as Graph::sizes does.
Value lower(const nn::Graph& graph, std::span<const Value> weights,
            const NetworkArguments& arguments);

/// Nodes [first, end) of a graph.
struct NodeRange {
  std::size_t first, end;
};

/// What some of the nodes make, into their places among those of all, where those that they take
/// are.
void lower_part(const nn::Graph& graph, std::span<const Value> weights,
                const NetworkArguments& arguments, const NodeRange& part,
                std::vector<Value>& values);

/// The layers of that kind, in the order of NetworkArguments::sinusoids.
std::vector<nn::SinusoidShape> sinusoids_of(const nn::Graph& graph);

}  // namespace diffusion::xla
