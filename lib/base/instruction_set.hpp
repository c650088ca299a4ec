// Which of the machine's instructions our own kernels may use. They are compiled once
// for each level, and this is where the level is chosen.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace diffusion {

/// Each level includes the ones before it. On other processors than x86-64 there is the
/// baseline alone.
enum class InstructionSet {
  baseline,     // what every processor of the kind has: SSE2 on x86-64
  avx2,         // AVX2, FMA, BMI1 and BMI2
  avx512,       // AVX-512 F, BW, CD, DQ and VL
  avx512_bf16,  // products of pairs of bfloat16
};
inline constexpr int instruction_sets = 4;

/// As DIFFUSION_ISA names it: "baseline", "avx2", "avx512", "avx512-bf16".
std::string_view name_of(InstructionSet level);

/// The richest level that processor and operating system have.
InstructionSet processor_instruction_set();

/// The level of a name. Throws Error where there is none, or it is beyond `most`.
InstructionSet parse_instruction_set(std::string_view name, InstructionSet most);

/// The level that the environment variable DIFFUSION_ISA asks for; nothing if it is unset
/// or empty. Throws Error where it names no level, or one that the processor lacks.
std::optional<InstructionSet> instruction_set_asked_for();

/// The level in use: the one asked for, or else the processor's. It stays the same while
/// the program runs. Throws as instruction_set_asked_for().
InstructionSet instruction_set();

/// Why AVX-512 can't be used, where it can't: "this processor has no AVX-512", or that
/// DIFFUSION_ISA leaves it out.
std::string no_avx512();

}  // namespace diffusion
