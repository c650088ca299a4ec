// The FID Inception as a graph of layers, for engines other than the processor's own way with
// it (lib/fid/features/inception_network.hpp).
#pragma once
#include <span>
#include <vector>

#include "lib/fid/features/features.hpp"
#include "lib/fid/features/inception_network.hpp"
#include "lib/nn/graph.hpp"

namespace diffusion {

/// From N x 299 x 299 x 3 to the kinds asked for, side by side in that order: N x 1 x 1 x d,
/// float32. At least one kind, each once; `tap` is one of inception_taps.
nn::Graph inception_graph(std::int64_t tap, std::span<const FeatureKind> kinds);

/// The weights of such a graph, as one array in their order. Throws Error as
/// InceptionWeights::folded does.
std::vector<float> inception_graph_weights(const nn::Graph& graph, const InceptionWeights& weights,
                                           LogitBias bias);

}  // namespace diffusion
