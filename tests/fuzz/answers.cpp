// What a program answers where an array is asked for.
#include "lib/tensor/array_program.hpp"
#include "tests/fuzz/target.hpp"

using namespace diffusion;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::run_on_file(data, size, [](const std::string& path) {
    ArrayProgram program("exec cat " + path, ArrayProgram::Life::one);
    program.ask("", [](const NpyHeader& header) {
      if (header.data_bytes > 1 << 20) throw Error("longer than was asked for");
    });
  });
}
