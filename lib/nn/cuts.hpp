// Where a graph is cut into parts that the way back computes anew, instead of keeping what all of
// them leave (Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016).
#pragma once
#include <cstddef>
#include <vector>

#include "lib/nn/graph.hpp"

namespace diffusion::nn {

/// The nodes that begin a part, rising, but for the first: such that what parts hand to later ones
/// and what the largest of them leaves for its derivatives are the least in all, as far as the
/// sizes of the layers tell.
std::vector<std::size_t> best_cuts(const Graph& graph);

/// The part of each node, counted from 0.
std::vector<std::size_t> parts_of(const Graph& graph);

}  // namespace diffusion::nn
