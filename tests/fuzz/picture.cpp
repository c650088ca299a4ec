// Pictures of every format.
#include "lib/image/image_file.hpp"
#include "tests/fuzz/target.hpp"

using namespace diffusion;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::run(data, size, [](std::string_view bytes) {
    for (const SixteenBits sixteen : {SixteenBits::scale, SixteenBits::pillow})
      decode_image(bytes, "input", sixteen);
  });
}
