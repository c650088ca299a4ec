// What a model file tells of itself: two bytes say how much data follows the header, which is
// the rest of the input.
#include <cstring>

#include "lib/models/describe.hpp"
#include "lib/models/model.hpp"
#include "lib/train/evaluation.hpp"
#include "lib/train/picture_reading.hpp"
#include "lib/train/resume.hpp"
#include "tests/fuzz/target.hpp"

using namespace diffusion;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::uint16_t follow = 0;
  if (size < sizeof follow) return 0;
  std::memcpy(&follow, data, sizeof follow);
  const std::uint64_t header = size - sizeof follow;
  std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
  bytes.append(reinterpret_cast<const char*>(data + sizeof follow), header).append(follow, '\0');
  const fuzz::MemoryFile memory(bytes);
  const auto each = [&](auto use) { fuzz::run(data, size, [&](auto) { use(memory.path()); }); };
  each([](const std::string& path) {
    const ModelFile file(path);
    model_to_json(described(file));
    model_to_text(described(file));
    need_same_images(file, 10);
    resolved_config({.resumed = &file});
  });
  each([](const std::string& path) { trained_for(ModelFile(path)); });
  each([](const std::string& path) { trained_reading(ModelFile(path)); });
  each([](const std::string& path) { load_model(path, {}); });
  return 0;
}
