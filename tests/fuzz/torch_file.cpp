// Files of PyTorch: archives, streams, and pickles alone.
#include <string>
#include <vector>

#include "lib/tensor/formats/pickle.hpp"
#include "lib/tensor/formats/torch_file.hpp"
#include "tests/fuzz/target.hpp"

using namespace diffusion;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::run(data, size, [](std::string_view bytes) {
    Pickle(bytes, "input", [](std::string_view name) { return name.size() % 2 == 0; });
  });
  return fuzz::run(data, size, [](std::string_view bytes) {
    const TorchFile file(RandomAccessFile(std::string(bytes), "input"));
    for (const TorchEntry& entry : file.entries()) {
      std::vector<float> values(entry.count());
      file.read(entry, values);
    }
  });
}
