#include "lib/base/instruction_set.hpp"

#include "lib/base/error.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

TEST_CASE("instruction sets are named, and those beyond the processor refused", "[base]") {
  const InstructionSet most = InstructionSet::avx512_bf16;
  for (int i = 0; i < instruction_sets; ++i)
    CHECK(parse_instruction_set(name_of(InstructionSet(i)), most) == InstructionSet(i));
  CHECK_THROWS_WITH(parse_instruction_set("avx", most),
                    "DIFFUSION_ISA: no instruction set 'avx' (has: baseline, avx2, avx512, "
                    "avx512-bf16)");
  CHECK(parse_instruction_set("avx2", InstructionSet::avx2) == InstructionSet::avx2);
  CHECK_THROWS_WITH(parse_instruction_set("avx512", InstructionSet::avx2),
                    "DIFFUSION_ISA: this processor has no avx512; the most it has is avx2");
}
