// CIFAR's binary batches.
#include "lib/image/cifar.hpp"

#include "tests/fuzz/target.hpp"

using namespace diffusion;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::run(data, size, [](std::string_view bytes) {
    if (is_cifar("input.bin", bytes.size())) cifar_from_bytes(std::string(bytes), "input.bin");
  });
}
