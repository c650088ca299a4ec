// Programs for XLA, built value by value, and their StableHLO text.
#pragma once
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lib/xla/instruction.hpp"
#include "lib/xla/shape.hpp"
#include "lib/xla/signature.hpp"

namespace diffusion::xla {

class Program;

/// What an instruction makes. It is valid as long as its program.
struct Value {
  Program* program = nullptr;
  int id = -1;

  const Shape& shape() const;
  Type type() const { return shape().type; }
  const Extents& dims() const { return shape().dims; }
};

/// How products of f32 are rounded: as f32, or as the device does by default (TF32, bf16).
enum class Precision : std::uint8_t { highest, standard };

struct ProgramSettings {
  std::string name = "program";
  Precision precision = Precision::highest;
  int replicas = 1;  // how many copies run at once, for all_reduce
};

/// Instructions in static single assignment form, each after its operands. An instruction that
/// is there already is not made twice: it is the same value.
class Program {
 public:
  explicit Program(ProgramSettings settings = {}) : settings_(std::move(settings)) {}
  Program(const Program&) = delete;  // values point to it
  Program& operator=(const Program&) = delete;

  /// The next parameter. The name is for those who read the text.
  Value parameter(Shape shape, const std::string& name = {});
  /// A scalar; a float is rounded to its type.
  Value constant(Type type, double value);
  Value constant(const Extents& dims, std::span<const float> elements);          // f32
  Value constant(const Extents& dims, std::span<const std::uint32_t> elements);  // u32
  /// 0, 1, ... along one dimension.
  Value iota(Shape shape, std::int64_t dim);
  /// Which replica runs this: a u32.
  Value replica_id();

  /// Makes it the next result; returns that one's index.
  int result(Value value);
  /// Lets a result of the same shape take a parameter's buffer, which its caller loses.
  void donate(Value parameter, int result);

  /// What operations are made with: attributes are complete, the shape is right.
  Value append(Instruction instruction);

  const ProgramSettings& settings() const { return settings_; }
  int size() const { return int(instructions_.size()); }
  /// It stays where it is while others are appended.
  const Instruction& at(int id) const { return instructions_[std::size_t(id)]; }
  const std::vector<int>& parameters() const { return parameters_; }
  const std::vector<std::string>& parameter_names() const { return names_; }
  const std::vector<int>& results() const { return results_; }
  const std::vector<std::pair<int, int>>& donated() const { return donated_; }

 private:
  ProgramSettings settings_;
  std::deque<Instruction> instructions_;
  std::unordered_map<std::string, int> made_;  // by what they are made of
  std::vector<int> parameters_, results_;
  std::vector<std::string> names_;
  std::vector<std::pair<int, int>> donated_;
};

/// The instructions that some values are made of, each once and after its operands, in an order
/// that is theirs alone: compilers may have evaluated `f(a) + g(b)` either way round.
std::vector<int> in_order(const Program& program, const std::vector<int>& values);

/// The module: what its results need, in their order, and all parameters.
std::string text(const Program& program);
Signature signature(const Program& program);

}  // namespace diffusion::xla
