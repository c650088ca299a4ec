// Grids of steps or noise levels, as JSON.
#include "lib/schedule/grids/grid.hpp"

#include "tests/fuzz/target.hpp"

using namespace diffusion;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::run(data, size, [](std::string_view text) {
    if (text.starts_with('[') || text.starts_with('{'))
      load_grid(std::string(text), make_schedule("linear", 10), 0);
  });
}
