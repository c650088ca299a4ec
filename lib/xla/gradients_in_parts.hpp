// The weights' derivatives of a network whose parts are computed anew on the way back, so that a
// device need not hold what all of them leave (nn/cuts.hpp).
#pragma once
#include <functional>
#include <span>
#include <vector>

#include "lib/xla/lower.hpp"

namespace diffusion::xla {

/// From what the network says, f32, the loss's derivative with respect to it.
using LossSlope = std::function<Value(Value output)>;

/// Of each of the weights, in their shapes, as gradients() of lower() has them.
std::vector<Value> gradients_in_parts(const nn::Graph& graph, std::span<const Value> weights,
                                      const NetworkArguments& arguments, const LossSlope& slope);

}  // namespace diffusion::xla
