// Spec strings: schedules, grids and samplers with their parameters.
#include "lib/sample/sampler.hpp"
#include "lib/schedule/grids/grid.hpp"
#include "tests/fuzz/target.hpp"

using namespace diffusion;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto each = [&](auto parse) { fuzz::run(data, size, parse); };
  each([](std::string_view spec) { make_schedule(spec, 10); });
  each([](std::string_view spec) { make_grid(spec, make_schedule("cosine", 10), 5); });
  each([](std::string_view spec) { make_sampler(spec); });
  return 0;
}
