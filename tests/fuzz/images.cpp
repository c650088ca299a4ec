// Image sets, as they come on standard input: arrays, IDX, tar archives, pictures.
#include <memory>

#include "lib/image/image_set.hpp"
#include "tests/fuzz/target.hpp"

using namespace diffusion;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::run(data, size, [](std::string_view bytes) {
    const fuzz::MemoryFile file(bytes);
    const auto stream = std::make_shared<InputFile>(file.path());
    const ImageSet set = open_image_stream(stream, "-", {.crop = {{2, 2}}, .channels = 3});
    for (int i = 0; i < 3; ++i)
      if (const auto entry = set.next()) fuzz::run(nullptr, 0, [&](auto) { entry->load(); });
  });
}
