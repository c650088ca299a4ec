// How StableHLO's generic text spells shapes, operations and attributes.
#pragma once
#include <string>
#include <string_view>

#include "lib/xla/instruction.hpp"
#include "lib/xla/shape.hpp"

namespace diffusion::xla {

/// "add": without its dialect.
std::string_view name_of(Op op);
/// "tensor<2x3xf32>"
std::string spelled(const Shape& shape);
/// What stands between the braces: "permutation = array<i64: 1, 0>".
std::string spelled_attributes(const Instruction& of);
/// How reductions join two elements, with its parentheses; nothing for other operations.
std::string spelled_region(const Instruction& of);

}  // namespace diffusion::xla
