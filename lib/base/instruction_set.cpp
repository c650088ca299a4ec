#include "lib/base/instruction_set.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "lib/base/error.hpp"

namespace diffusion {
namespace {

constexpr std::array<std::string_view, instruction_sets> names{"baseline", "avx2", "avx512",
                                                               "avx512-bf16"};

}  // namespace

std::string_view name_of(InstructionSet level) { return names[std::size_t(level)]; }

// What is asked here is what lib/kernels/levels.cmake lets the compiler use at each level.
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

InstructionSet parse_instruction_set(std::string_view name, InstructionSet most) {
  const auto at = std::ranges::find(names, name);
  if (at == names.end())
    throw Error("DIFFUSION_ISA: no instruction set '" + std::string(name) +
                "' (has: baseline, avx2, avx512, avx512-bf16)");
  const auto level = InstructionSet(at - names.begin());
  if (level > most)
    throw Error("DIFFUSION_ISA: this processor has no " + std::string(name) +
                "; the most it has is " + std::string(name_of(most)));
  return level;
}

std::optional<InstructionSet> instruction_set_asked_for() {
  const char* const name = std::getenv("DIFFUSION_ISA");
  if (!name || !*name) return std::nullopt;
  return parse_instruction_set(name, processor_instruction_set());
}

InstructionSet instruction_set() {
  static const InstructionSet level =
      instruction_set_asked_for().value_or(processor_instruction_set());
  return level;
}

std::string no_avx512() {
  if (const auto cap = instruction_set_asked_for())
    return "DIFFUSION_ISA=" + std::string(name_of(*cap)) + " leaves out AVX-512";
  return "this processor has no AVX-512";
}

}  // namespace diffusion
