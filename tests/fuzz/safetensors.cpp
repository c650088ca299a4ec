// Model files.
#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "lib/tensor/formats/safetensors.hpp"
#include "tests/fuzz/target.hpp"

using namespace diffusion;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int file = memfd_create("input", 0);
  if (file < 0 || write(file, data, size) != ssize_t(size)) return 0;
  fuzz::run(data, size, [&](std::string_view) {
    const SafetensorsFile opened("/proc/self/fd/" + std::to_string(file));
    for (const auto& entry : opened.entries()) {
      std::vector<float> values(entry.count());
      opened.read(entry, values);
    }
  });
  return close(file);
}
