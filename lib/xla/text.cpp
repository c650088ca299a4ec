// A program as a module of StableHLO (github.com/openxla/stablehlo, docs/spec.md), in MLIR's
// generic form, which changes least between versions.
#include <algorithm>
#include <cassert>
#include <cctype>

#include "lib/xla/program.hpp"
#include "lib/xla/spelling.hpp"

namespace diffusion::xla {
namespace {

/// given_derivative is what its first operand is.
int resolved(const Program& program, int id) {
  while (program.at(id).op == Op::given_derivative) id = program.at(id).operands[0];
  return id;
}

/// What there is a line for, in the order of lines.
std::vector<int> lines(const Program& program) {
  std::vector<bool> live(std::size_t(program.size()));
  for (const int id : program.results()) live[std::size_t(resolved(program, id))] = true;
  for (int id = program.size(); id-- > 0;)
    if (live[std::size_t(id)])
      for (const int operand : program.at(id).operands)
        live[std::size_t(resolved(program, operand))] = true;
  std::vector<int> all = in_order(program, program.results());
  std::erase_if(
      all, [&](int id) { return !live[std::size_t(id)] || program.at(id).op == Op::parameter; });
  return all;
}

/// "%p2.bias"
std::string parameter_name(const Program& program, std::size_t i) {
  std::string name = "p" + std::to_string(i);
  if (!program.parameter_names()[i].empty()) name += '.' + program.parameter_names()[i];
  for (char& letter : name)
    if (!std::isalnum(static_cast<unsigned char>(letter)) && letter != '.') letter = '_';
  return '%' + name;
}

/// Of parameters, and of what `order` has: "%0", "%1", ...; the rest have none.
std::vector<std::string> names(const Program& program, const std::vector<int>& order) {
  std::vector<std::string> all(std::size_t(program.size()));
  for (std::size_t i = 0; i < program.parameters().size(); ++i)
    all[std::size_t(program.parameters()[i])] = parameter_name(program, i);
  for (std::size_t i = 0; i < order.size(); ++i)
    all[std::size_t(order[i])] = '%' + std::to_string(i);
  for (std::size_t id = 0; id < all.size(); ++id)
    if (all[id].empty()) all[id] = all[std::size_t(resolved(program, int(id)))];
  return all;
}

/// f(i) for each of n, with commas.
template <class Function>
std::string listed(std::size_t n, Function f) {
  std::string all;
  for (std::size_t i = 0; i < n; ++i) {
    if (i > 0) all += ", ";
    all += f(i);
  }
  return all;
}

/// What the program decides for all instructions of a kind.
std::string program_attributes(const Program& program, const Instruction& of) {
  if (of.op == Op::all_reduce) {
    const auto replicas = std::size_t(program.settings().replicas);
    return "replica_groups = dense<[[" +
           listed(replicas, [](std::size_t i) { return std::to_string(i); }) + "]]> : tensor<1x" +
           std::to_string(replicas) + "xi64>";
  }
  const bool product = of.op == Op::dot_general || of.op == Op::convolution;
  if (product && program.settings().precision == Precision::highest &&
      program.at(of.operands[0]).shape.type == Type::f32)
    return "precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>]";
  return {};
}

std::string line(const Program& program, int id, const std::vector<std::string>& names) {
  const Instruction& of = program.at(id);
  const std::size_t n = of.operands.size();
  std::string all = "    " + names[std::size_t(id)] + " = \"stablehlo.";
  (all += name_of(of.op)) += "\"(";
  all += listed(n, [&](std::size_t i) { return names[std::size_t(of.operands[i])]; }) + ')';
  if (const std::string region = spelled_region(of); !region.empty()) all += ' ' + region;
  std::string attributes = spelled_attributes(of);
  if (const std::string more = program_attributes(program, of); !more.empty())
    attributes += (attributes.empty() ? "" : ", ") + more;
  if (!attributes.empty()) all += " {" + attributes + '}';
  all += " : (";
  all += listed(n, [&](std::size_t i) { return spelled(program.at(of.operands[i]).shape); });
  return all + ") -> " + spelled(of.shape) + '\n';
}

std::string parameter(const Program& program, std::size_t i,
                      const std::vector<std::string>& names) {
  const int id = program.parameters()[i];
  std::string all = names[std::size_t(id)] + ": " + spelled(program.at(id).shape);
  const auto pair = std::find_if(program.donated().begin(), program.donated().end(),
                                 [&](const auto& donated) { return donated.first == int(i); });
  if (pair == program.donated().end()) return all;
  return all + " {tf.aliasing_output = " + std::to_string(pair->second) + " : i32}";
}

}  // namespace

std::string text(const Program& program) {
  const std::vector<int> order = lines(program);
  const std::vector<std::string> name = names(program, order);
  const std::vector<int>& results = program.results();
  const std::string types =
      listed(results.size(), [&](std::size_t i) { return spelled(program.at(results[i]).shape); });
  std::string all = "module @" + program.settings().name + " attributes {mhlo.num_replicas = " +
                    std::to_string(program.settings().replicas) +
                    " : i32, mhlo.num_partitions = 1 : i32} {\n  func.func public @main(";
  all += listed(program.parameters().size(),
                [&](std::size_t i) { return parameter(program, i, name); });
  all += ") -> (" + types + ") {\n";
  for (const int id : order) all += line(program, id, name);
  const std::string values =
      listed(results.size(), [&](std::size_t i) { return name[std::size_t(results[i])]; });
  return all + "    \"func.return\"(" + values + ") : (" + types + ") -> ()\n  }\n}\n";
}

}  // namespace diffusion::xla
