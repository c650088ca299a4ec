#include "lib/base/instruction_set.hpp"

#include <array>
#include <cstdlib>
#include <string>

#include "lib/base/error.hpp"

namespace diffusion {
namespace {

constexpr std::array<std::string_view, instruction_sets> names{"baseline", "avx2", "avx512",
                                                               "avx512-bf16"};

InstructionSet named(std::string_view name) {
  std::string known;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return InstructionSet(i);
    known += (i == 0 ? "" : ", ") + std::string(names[i]);
  }
  throw Error("DIFFUSION_ISA: no instruction set '" + std::string(name) + "' (has: " + known + ")");
}

}  // namespace

std::string_view name_of(InstructionSet level) { return names[std::size_t(level)]; }

// What is asked here is what CMakeLists.txt lets the compiler use at each level.
InstructionSet processor_instruction_set() {
#ifdef __x86_64__
  if (!(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
        __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2")))
    return InstructionSet::baseline;
  if (!(__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl")))
    return InstructionSet::avx2;
  return __builtin_cpu_supports("avx512bf16") ? InstructionSet::avx512_bf16
                                              : InstructionSet::avx512;
#else
  return InstructionSet::baseline;
#endif
}

std::optional<InstructionSet> instruction_set_asked_for() {
  const char* const name = std::getenv("DIFFUSION_ISA");
  if (!name || !*name) return std::nullopt;
  const InstructionSet level = named(name), most = processor_instruction_set();
  if (level > most)
    throw Error("DIFFUSION_ISA: this processor has no " + std::string(name) +
                "; the most it has is " + std::string(name_of(most)));
  return level;
}

InstructionSet instruction_set() {
  static const InstructionSet level =
      instruction_set_asked_for().value_or(processor_instruction_set());
  return level;
}

}  // namespace diffusion
