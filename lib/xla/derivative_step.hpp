// The derivatives of single operations, as `gradients` asks for them.
#pragma once
#include "lib/xla/operations.hpp"

namespace diffusion::xla {

/// One instruction on the way back: the loss's derivative with respect to operand k is sought.
struct Step {
  Program& program;
  const Instruction& of;
  int id;
  Value g;  // the loss's derivative with respect to the result
  std::size_t k;

  Value y() const { return {&program, id}; }
  Value x(std::size_t operand) const { return {&program, of.operands[operand]}; }
  const Extents& dims() const { return std::get<Dims>(of.attributes).dims; }
};

[[noreturn]] void refuse(const Step& step);

/// The dimensions below rank that are not among some, ascending.
Extents others(const Extents& some, std::size_t rank);
Extents inverse(const Extents& permutation);

Value dot_derivative(const Step& step);
Value input_derivative(const Step& step);   // of a convolution
Value kernel_derivative(const Step& step);  // likewise

}  // namespace diffusion::xla
