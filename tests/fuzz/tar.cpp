// Tar archives: the names of their members, labels and dataset.json among them.
#include "lib/image/image_set.hpp"
#include "tests/fuzz/target.hpp"

using namespace diffusion;

namespace {

int open_some(const std::uint8_t* data, std::size_t size, const ImageSetOptions& options) {
  return fuzz::run_on_file(data, size, [&](const std::string& path) {
    ImageSet set = open_images({path}, options);
    for (int i = 0; i < 20 && set.next(); ++i) {
    }
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  open_some(data, size, {.labels = "prefix"});
  return open_some(data, size, {});
}
