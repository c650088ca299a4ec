// .npy and .npz.
#include <string>

#include "lib/tensor/formats/npz.hpp"
#include "tests/fuzz/target.hpp"

using namespace diffusion;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::run(data, size, [](std::string_view bytes) {
    npy_from_bytes(std::string(bytes), "input").to_tensor();
  });
  return fuzz::run(data, size, [](std::string_view bytes) {
    const NpzFile file(std::string(bytes), "input");
    for (const auto& name : file.names()) file.read(name);
  });
}
