#include "lib/xla/program.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

#include "lib/xla/spelling.hpp"

namespace diffusion::xla {
namespace {

/// To nearest, ties to even; as an f32.
float rounded_to_bf16(float value) {
  if (value != value) return value;
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return std::bit_cast<float>((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000U);
}

std::uint32_t word(Type type, double value) {
  switch (type) {
    case Type::pred:
      return value != 0;
    case Type::u32:
      return std::uint32_t(value);
    case Type::s32:
      return std::uint32_t(std::int32_t(value));
    case Type::f32:
      return std::bit_cast<std::uint32_t>(float(value));
    case Type::bf16:
      return std::bit_cast<std::uint32_t>(rounded_to_bf16(float(value)));
  }
  return 0;
}

/// Two instructions with one key make the same value.
std::string key(const Instruction& instruction) {
  std::string key{char('A' + int(instruction.op))};
  for (const int operand : instruction.operands) key += std::to_string(operand) + ' ';
  return key + spelled_region(instruction) + spelled_attributes(instruction) +
         spelled(instruction.shape);
}

}  // namespace

const Shape& Value::shape() const { return program->at(id).shape; }

Value Program::append(Instruction instruction) {
  for ([[maybe_unused]] const int operand : instruction.operands)
    assert(operand >= 0 && operand < size());
  if (instruction.op != Op::parameter) {
    const auto [place, is_new] = made_.try_emplace(key(instruction), size());
    if (!is_new) return {this, place->second};
  }
  instructions_.push_back(std::move(instruction));
  return {this, size() - 1};
}

Value Program::parameter(Shape shape, const std::string& name) {
  names_.push_back(name);
  parameters_.push_back(size());
  return append({.op = Op::parameter, .shape = std::move(shape)});
}

Value Program::constant(Type type, double value) {
  return append(
      {.op = Op::constant, .attributes = Words{{word(type, value)}}, .shape = {type, {}}});
}

Value Program::constant(const Extents& dims, std::span<const float> elements) {
  Shape shape{Type::f32, dims};
  assert(shape.count() == elements.size());
  Words bits;
  for (const float value : elements) bits.words.push_back(std::bit_cast<std::uint32_t>(value));
  return append({.op = Op::constant, .attributes = std::move(bits), .shape = std::move(shape)});
}

Value Program::constant(const Extents& dims, std::span<const std::uint32_t> elements) {
  Shape shape{Type::u32, dims};
  assert(shape.count() == elements.size());
  Words bits{{elements.begin(), elements.end()}};
  return append({.op = Op::constant, .attributes = std::move(bits), .shape = std::move(shape)});
}

Value Program::iota(Shape shape, std::int64_t dim) {
  assert(dim >= 0 && dim < std::int64_t(shape.dims.size()));
  return append({.op = Op::iota, .attributes = Dims{{dim}}, .shape = std::move(shape)});
}

Value Program::replica_id() { return append({.op = Op::replica_id, .shape = {Type::u32, {}}}); }

int Program::result(Value value) {
  assert(value.program == this);
  results_.push_back(value.id);
  return int(results_.size()) - 1;
}

void Program::donate(Value parameter, int result) {
  const auto place = std::find(parameters_.begin(), parameters_.end(), parameter.id);
  assert(place != parameters_.end());
  assert(parameter.shape() == at(results_[std::size_t(result)]).shape);
  donated_.emplace_back(int(place - parameters_.begin()), result);
}

std::vector<int> in_order(const Program& program, const std::vector<int>& values) {
  std::vector<int> order;
  std::vector<bool> seen(std::size_t(program.size()));
  std::vector<std::pair<int, std::size_t>> path;  // and the operand of each that is next
  for (const int value : values) {
    path.emplace_back(value, 0);
    while (!path.empty()) {
      const auto [id, next] = path.back();
      const std::vector<int>& operands = program.at(id).operands;
      if (next == 0 && seen[std::size_t(id)]) {
        path.pop_back();
      } else if (next < operands.size()) {
        seen[std::size_t(id)] = true;
        ++path.back().second;
        if (!seen[std::size_t(operands[next])]) path.emplace_back(operands[next], 0);
      } else {
        seen[std::size_t(id)] = true;
        order.push_back(id);
        path.pop_back();
      }
    }
  }
  return order;
}

Signature signature(const Program& program) {
  Signature all;
  for (const int id : program.parameters()) all.parameters.push_back(program.at(id).shape);
  for (const int id : program.results()) all.results.push_back(program.at(id).shape);
  all.donated = program.donated();
  return all;
}

}  // namespace diffusion::xla
