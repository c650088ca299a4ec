#include "lib/kernels/kernels.hpp"

namespace diffusion {
namespace kernel {

// Of level/table.cpp.
namespace baseline {
extern const Kernels table;
}
#ifdef __x86_64__
namespace avx2 {
extern const Kernels table;
}
namespace avx512 {
extern const Kernels table;
}
namespace avx512_bf16 {
extern const Kernels table;
}
#endif

}  // namespace kernel

const Kernels* kernels_at(InstructionSet level) {
  switch (level) {
    case InstructionSet::baseline:
      return &kernel::baseline::table;
#ifdef __x86_64__
    case InstructionSet::avx2:
      return &kernel::avx2::table;
    case InstructionSet::avx512:
      return &kernel::avx512::table;
    case InstructionSet::avx512_bf16:
      return &kernel::avx512_bf16::table;
#endif
    default:
      return nullptr;
  }
}

const Kernels& kernels() {
  static const Kernels& those = *kernels_at(instruction_set());
  return those;
}

}  // namespace diffusion
