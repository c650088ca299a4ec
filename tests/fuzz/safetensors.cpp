// Files of safetensors.
#include "lib/tensor/formats/safetensors.hpp"

#include <vector>

#include "tests/fuzz/target.hpp"

using namespace diffusion;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::run_on_file(data, size, [](const std::string& path) {
    const SafetensorsFile opened(path);
    for (const auto& entry : opened.entries()) {
      std::vector<float> values(entry.count());
      opened.read(entry, values);
    }
  });
}
