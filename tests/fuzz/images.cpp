// Image sets of arrays and IDX, as they come on standard input.
#include <string>

#include "lib/image/image_set.hpp"
#include "tests/fuzz/target.hpp"

using namespace diffusion;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::run(data, size, [](std::string_view bytes) {
    ImageSet set = open_standard_input(std::string(bytes), {.crop = {{2, 2}}, .channels = 3});
    for (int i = 0; i < 3; ++i)
      if (const auto entry = set.next()) entry->load();
  });
}
