// Reverse mode: derivatives of programs, as more instructions of the same program.
#pragma once
#include <span>
#include <vector>

#include "lib/xla/program.hpp"

namespace diffusion::xla {

/// A value, and the derivative of the loss with respect to it: of the value's shape.
struct Seed {
  Value value, cotangent;
};

/// The loss's derivative with respect to each of some values, of their shapes; zeros where it
/// does not depend on one. What is not on the way there is not computed. The derivative of a
/// bf16 is a bf16. max, min and reduce_window have none where it is needed: throws
/// std::logic_error, as for max of softmax without stop_gradient. The loss of replicas is the sum
/// of theirs.
std::vector<Value> gradients(Program& program, std::span<const Seed> outputs,
                             std::span<const Value> with_respect_to);

}  // namespace diffusion::xla
