// IDX files, as bytes and where they lie.
#include "lib/image/idx.hpp"

#include "tests/fuzz/target.hpp"

using namespace diffusion;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::run(data, size, [](std::string_view bytes) {
    idx_from_bytes(std::string(bytes), "input").to_tensor();
  });
  return fuzz::run_on_file(data, size, [](const std::string& path) { read_idx(path); });
}
