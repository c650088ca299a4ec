// Tables of numbers, as JSON and as text.
#include "lib/schedule/number_list.hpp"

#include "tests/fuzz/target.hpp"

using namespace diffusion;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::run(data, size, [](std::string_view text) {
    numbers_in_text(std::string(text), {"betas", "beta"}, "fuzz");
  });
  return 0;
}
