// Weights, whatever their container.
#include "lib/tensor/formats/weight_file.hpp"

#include "tests/fuzz/target.hpp"

using namespace diffusion;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::run_on_file(data, size, [](const std::string& path) {
    for (const WeightTensor& tensor : open_weights(path)) {
      if (tensor.count() > size_t(1) << 24) continue;  // a tensor may repeat its elements
      tensor.values();
      shape_text(tensor.shape);
    }
  });
}
