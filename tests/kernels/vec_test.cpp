// Vectors' functions at every level against those of the C library in double.
#include "tests/kernels/vec_functions.hpp"

#include <limits>

#include "tests/kernels/levels.hpp"

namespace diffusion {
namespace kernel {

namespace baseline {
extern const VecFunctions vec_functions;
}
#ifdef __x86_64__
namespace avx2 {
extern const VecFunctions vec_functions;
}
namespace avx512 {
extern const VecFunctions vec_functions;
}
namespace avx512_bf16 {
extern const VecFunctions vec_functions;
}
#endif

}  // namespace kernel

namespace {

const kernel::VecFunctions& at(InstructionSet level) {
#ifdef __x86_64__
  if (level == InstructionSet::avx2) return kernel::avx2::vec_functions;
  if (level == InstructionSet::avx512) return kernel::avx512::vec_functions;
  if (level == InstructionSet::avx512_bf16) return kernel::avx512_bf16::vec_functions;
#endif
  return kernel::baseline::vec_functions;
}

constexpr float infinity = std::numeric_limits<float>::infinity();

}  // namespace

TEST_CASE("vectors' exponentials are as exact as they say", "[kernels]") {
  for (const InstructionSet level : levels_here()) {
    const std::string name(name_of(level));
    CAPTURE(name);
    double exponential = 0, power = 0, coarse = 0;
    for (float x = -87; x < 88; x += 0.03125f)
      exponential = std::max(exponential, std::abs(at(level).exp(x) / std::exp(double(x)) - 1));
    for (float x = -125.96875f; x < 127; x += 0.03125f) {
      power = std::max(power, std::abs(at(level).power_of_2(x) / std::exp2(double(x)) - 1));
      coarse =
          std::max(coarse, std::abs(at(level).coarse_power_of_2(x) / std::exp2(double(x)) - 1));
    }
    CHECK(exponential < 2 * 0x1p-23);
    CHECK(power < 3 * 0x1p-23);
    CHECK(coarse < 7.6e-5);
    CHECK(std::abs(at(level).power_of_2(-infinity) / 0x1p-126 - 1) < 3 * 0x1p-23);
  }
}

TEST_CASE("the sigmoid of bfloat16 is exact enough, and stays one at the ends", "[kernels]") {
  for (const InstructionSet level : levels_here()) {
    const std::string name(name_of(level));
    CAPTURE(name);
    const auto sigmoid = at(level).coarse_sigmoid;
    double worst = 0;
    for (float x = -43; x < 43; x += 0.0625f)
      worst = std::max(worst, std::abs(sigmoid(x) * (1 + std::exp(-double(x))) - 1));
    CHECK(worst < 2e-4);
    for (const float x : {-44.0f, -1e3f, -3e38f, -infinity}) {
      CHECK(sigmoid(x) >= 0);
      CHECK(sigmoid(x) < 1e-19);
    }
    for (const float x : {44.0f, 1e3f, 3e38f, infinity}) CHECK(std::abs(sigmoid(x) - 1) < 2e-4);
    CHECK(std::isnan(sigmoid(std::numeric_limits<float>::quiet_NaN())));
  }
}

}  // namespace diffusion
