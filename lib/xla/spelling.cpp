#include "lib/xla/spelling.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <iterator>

namespace diffusion::xla {
namespace {

std::string joined(const Extents& extents) {
  std::string all;
  for (const std::int64_t extent : extents) {
    if (!all.empty()) all += ", ";
    all += std::to_string(extent);
  }
  return all;
}

std::string array(std::string_view name, const Extents& extents) {
  std::string all{name};
  all += " = array<i64";
  if (!extents.empty()) all += ": " + joined(extents);
  return all + '>';
}

std::string edges(const Extents& low, const Extents& high) {
  std::string all;
  for (std::size_t i = 0; i < low.size(); ++i) {
    if (i > 0) all += ", ";
    all += '[' + joined({low[i], high[i]}) + ']';
  }
  return "padding = dense<[" + all + "]> : tensor<" + std::to_string(low.size()) + "x2xi64>";
}

/// "b01f": "b, 0, 1, f"
std::string layout(const std::string& letters) {
  std::string all;
  for (const char letter : letters) {
    if (!all.empty()) all += ", ";
    all += letter;
  }
  return '[' + all + ']';
}

std::string hex(std::uint32_t word, int digits) {
  std::string all = "0x";
  for (int shift = 4 * digits - 4; shift >= 0; shift -= 4)
    all += "0123456789ABCDEF"[(word >> shift) & 15];
  return all;
}

/// The shortest number that is read as that f32; its bits where there is none.
std::string float_literal(std::uint32_t word, Type type) {
  const auto value = std::bit_cast<float>(word);
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  std::string digits(buffer, end);
  if (!std::isfinite(value) || float(std::strtod(digits.c_str(), nullptr)) != value)
    return type == Type::bf16 ? hex(word >> 16, 4) : hex(word, 8);
  if (digits.find('.') != std::string::npos) return digits;
  return digits.insert(std::min(digits.find('e'), digits.size()), ".0");
}

std::string elements(const Words& words, Type type) {
  if (words.words.size() != 1) {
    std::string all = "\"0x";
    for (std::uint32_t word : words.words)
      for (int byte = 0; byte < 4; ++byte, word >>= 8) all += hex(word & 255, 2).substr(2);
    return all + '"';
  }
  const std::uint32_t word = words.words[0];
  if (type == Type::pred) return word ? "true" : "false";
  if (type == Type::u32) return std::to_string(word);
  if (type == Type::s32) return std::to_string(std::int32_t(word));
  return float_literal(word, type);
}

struct Row {
  Op op;
  std::string_view name;
  std::string_view dims = {};  // what its Dims are called
};

constexpr Row rows[] = {
    {Op::parameter, "parameter"},
    {Op::constant, "constant"},
    {Op::iota, "iota", "iota_dimension"},
    {Op::replica_id, "replica_id"},
    {Op::negate, "negate"},
    {Op::sign, "sign"},
    {Op::abs, "abs"},
    {Op::exponential, "exponential"},
    {Op::log, "log"},
    {Op::sqrt, "sqrt"},
    {Op::rsqrt, "rsqrt"},
    {Op::sine, "sine"},
    {Op::cosine, "cosine"},
    {Op::tanh, "tanh"},
    {Op::logistic, "logistic"},
    {Op::is_finite, "is_finite"},
    {Op::bit_not, "not"},
    {Op::add, "add"},
    {Op::subtract, "subtract"},
    {Op::multiply, "multiply"},
    {Op::divide, "divide"},
    {Op::maximum, "maximum"},
    {Op::minimum, "minimum"},
    {Op::bit_and, "and"},
    {Op::bit_or, "or"},
    {Op::bit_xor, "xor"},
    {Op::shift_left, "shift_left"},
    {Op::shift_right_logical, "shift_right_logical"},
    {Op::compare, "compare"},
    {Op::select, "select"},
    {Op::convert, "convert"},
    {Op::broadcast_in_dim, "broadcast_in_dim", "broadcast_dimensions"},
    {Op::reshape, "reshape"},
    {Op::transpose, "transpose", "permutation"},
    {Op::reverse, "reverse", "dimensions"},
    {Op::slice, "slice"},
    {Op::pad, "pad"},
    {Op::concatenate, "concatenate", "dimension"},
    {Op::reduce, "reduce"},
    {Op::reduce_window, "reduce_window"},
    {Op::dot_general, "dot_general"},
    {Op::convolution, "convolution"},
    {Op::all_reduce, "all_reduce"},
    {Op::given_derivative, "given_derivative"},
};

constexpr bool each_in_its_place() {
  for (std::size_t i = 0; i < std::size(rows); ++i)
    if (std::size_t(rows[i].op) != i) return false;
  return std::size(rows) == std::size_t(Op::given_derivative) + 1;
}
static_assert(each_in_its_place());

struct Spell {
  const Instruction& of;

  std::string operator()(std::monostate) const { return {}; }
  std::string operator()(const Dims& dims) const {
    const std::string_view name = rows[std::size_t(of.op)].dims;
    if (of.op != Op::iota && of.op != Op::concatenate) return array(name, dims.dims);
    return std::string(name) + " = " + joined(dims.dims) + " : i64";
  }
  std::string operator()(const Words& words) const {
    return "value = dense<" + elements(words, of.shape.type) + "> : " + spelled(of.shape);
  }
  std::string operator()(Comparison comparison) const {
    constexpr std::string_view names[] = {"EQ", "NE", "LT", "LE", "GT", "GE"};
    std::string all = "comparison_direction = #stablehlo<comparison_direction ";
    return (all += names[std::size_t(comparison)]) + '>';
  }
  std::string operator()(const Slice& slice) const {
    return array("start_indices", slice.start) + ", " + array("limit_indices", slice.limit) + ", " +
           array("strides", slice.strides);
  }
  std::string operator()(const Padding& padding) const {
    return array("edge_padding_low", padding.low) + ", " +
           array("edge_padding_high", padding.high) + ", " +
           array("interior_padding", padding.interior);
  }
  std::string operator()(const Reduction& reduction) const {
    return array("dimensions", reduction.dims);
  }
  std::string operator()(const Window& window) const {
    return array("window_dimensions", window.sizes) + ", " +
           array("window_strides", window.strides) + ", " + edges(window.low, window.high);
  }
  std::string operator()(const DotDims& dims) const {
    return "dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [" +
           joined(dims.lhs_batch) + "], rhs_batching_dimensions = [" + joined(dims.rhs_batch) +
           "], lhs_contracting_dimensions = [" + joined(dims.lhs_contracting) +
           "], rhs_contracting_dimensions = [" + joined(dims.rhs_contracting) + "]>";
  }
  std::string operator()(const Convolution& how) const {
    return array("window_strides", how.strides) + ", " + edges(how.low, how.high) + ", " +
           array("lhs_dilation", how.input_dilation) + ", " +
           array("rhs_dilation", how.kernel_dilation) + ", dimension_numbers = #stablehlo.conv<" +
           layout(how.input) + 'x' + layout(how.kernel) + "->" + layout(how.output) +
           ">, feature_group_count = 1 : i64, batch_group_count = 1 : i64";
  }
};

Op reducer(const Instruction& of) {
  if (const auto* reduction = std::get_if<Reduction>(&of.attributes)) return reduction->op;
  if (const auto* window = std::get_if<Window>(&of.attributes)) return window->op;
  return Op::add;
}

}  // namespace

std::string_view name_of(Op op) { return rows[std::size_t(op)].name; }

std::string spelled(const Shape& shape) {
  std::string all = "tensor<";
  for (const std::int64_t extent : shape.dims) all += std::to_string(extent) + 'x';
  return (all += name_of(shape.type)) + '>';
}

std::string spelled_attributes(const Instruction& of) {
  return std::visit(Spell{of}, of.attributes);
}

std::string spelled_region(const Instruction& of) {
  if (of.op != Op::reduce && of.op != Op::reduce_window && of.op != Op::all_reduce) return {};
  const std::string type = spelled({of.shape.type, {}});
  std::string all = "({^bb0(%a: " + type + ", %b: " + type + "): %c = \"stablehlo.";
  all += name_of(reducer(of));
  return all + "\"(%a, %b) : (" + type + ", " + type + ") -> " + type +
         " \"stablehlo.return\"(%c) : (" + type + ") -> ()})";
}

}  // namespace diffusion::xla
