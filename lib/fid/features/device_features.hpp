// Features by a network on a device: images go there in groups of one size, the last filled up
// with zeros.
#pragma once
#include <functional>
#include <span>
#include <vector>

#include "lib/fid/features/features.hpp"
#include "lib/nn/graph.hpp"

namespace diffusion {

/// A network that gives some kinds of features side by side, N x 1 x 1 x d.
struct FeatureNetwork {
  nn::Graph graph;
  std::vector<float> weights;  // one array, in the graph's order
  std::vector<FeatureKind> kinds;
  std::vector<std::size_t> widths;  // of each kind
  nn::DType working = nn::DType::float32;
};

/// One that gives these kinds at least.
using NetworkOf = std::function<FeatureNetwork(std::span<const FeatureKind> wanted)>;

/// Gives the extractor its begin, run and piece: the network on `device`, which has a client.
/// A network is compiled when kinds are wanted that none before gives. What begin and run throw is
/// what the device's calls throw.
void compute_on(FeatureExtractor& extractor, const FeatureDevice& device, NetworkOf network);

}  // namespace diffusion
