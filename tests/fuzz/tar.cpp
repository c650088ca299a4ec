// Tar archives: the names of their members, labels and dataset.json among them.
#include "lib/image/image_set.hpp"
#include "tests/fuzz/target.hpp"

using namespace diffusion;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::run_on_file(data, size, [](const std::string& path) {
    ImageSet set = open_images({path}, {.labels = "prefix"});
    for (int i = 0; i < 20 && set.next(); ++i) {
    }
  });
}
