// One instruction of a program: what it does, to which values, and what comes of it.
#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "lib/xla/shape.hpp"

namespace diffusion::xla {

/// Those of StableHLO, by its names, but for the last: `given_derivative` is its first operand,
/// whose derivative with respect to the second is the third (none: it has no derivative).
enum class Op : std::uint8_t {
  // clang-format off
  parameter, constant, iota, replica_id,
  negate, sign, abs, exponential, log, sqrt, rsqrt, sine, cosine, tanh, logistic, is_finite, bit_not,
  add, subtract, multiply, divide, maximum, minimum,
  bit_and, bit_or, bit_xor, shift_left, shift_right_logical,
  compare, select, convert,
  broadcast_in_dim, reshape, transpose, reverse, slice, pad, concatenate,
  reduce, reduce_window, dot_general, convolution, all_reduce,
  given_derivative,
  // clang-format on
};

enum class Comparison : std::uint8_t { eq, ne, lt, le, gt, ge };

using Extents = std::vector<std::int64_t>;

/// The dimensions that iota counts along, broadcast_in_dim maps the operand's to, transpose
/// takes the result's from, reverse turns round and concatenate joins along.
struct Dims {
  Extents dims;
};

/// A constant's elements in row-major order, a word each: bits of u32, s32, f32; of a bf16 as
/// those of the f32 of the same value; 0 and 1 of pred.
struct Words {
  std::vector<std::uint32_t> words;
};

struct Slice {
  Extents start, limit;  // [start, limit) of each dimension
  Extents strides = {};  // none: 1 each
};

struct Padding {
  Extents low, high;      // negative: cut off
  Extents interior = {};  // between two neighbours; none: 0 each
};

struct Reduction {
  Op op = Op::add;  // or maximum, minimum, bit_and, bit_or
  Extents dims = {};
};

/// Of every dimension, in that order.
struct Window {
  Op op = Op::maximum;  // or add, minimum
  Extents sizes = {};
  Extents strides = {}, low = {}, high = {};  // none: 1, 0, 0 each
};

/// The result has the batch's dimensions, those left of lhs, those left of rhs.
struct DotDims {
  Extents lhs_batch = {}, rhs_batch = {}, lhs_contracting = {}, rhs_contracting = {};
};

/// y[o] = sum over k of x[(o * stride + k * kernel_dilation - low) / input_dilation] w[k], where
/// that is whole and inside. Each letter of a layout is a dimension: b the batch, f the
/// features, i and o those that the kernel takes and gives, digits the spatial ones.
struct Convolution {
  std::string input = "b01f", kernel = "01io", output = "b01f";
  Extents strides = {}, low = {}, high = {};          // none: 1, 0, 0 each
  Extents input_dilation = {}, kernel_dilation = {};  // none: 1 each
};

using Attributes = std::variant<std::monostate, Dims, Words, Comparison, Slice, Padding, Reduction,
                                Window, DotDims, Convolution>;

struct Instruction {
  Op op = Op::parameter;
  std::vector<int> operands = {};  // indices of earlier instructions
  Attributes attributes = {};
  Shape shape = {};
};

}  // namespace diffusion::xla
