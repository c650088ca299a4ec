// The labels of a data set.
#include "lib/image/labels.hpp"
#include "tests/fuzz/target.hpp"

using namespace diffusion;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::run(data, size, [](std::string_view text) {
    const std::string paths[] = {"a.png", "b/c.png"};
    labels_of_dataset_json(parse_json(text, "input"), "input", paths);
  });
}
