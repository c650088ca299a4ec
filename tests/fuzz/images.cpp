// Image sets of arrays, IDX and archives, as they come on standard input.
#include <sys/mman.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "lib/image/image_set.hpp"
#include "tests/fuzz/target.hpp"

using namespace diffusion;

namespace {

/// A file of these bytes that has no name and is gone when it is closed.
std::shared_ptr<InputFile> file_of(std::string_view bytes) {
  const int descriptor = memfd_create("input", MFD_CLOEXEC);
  const bool whole = write(descriptor, bytes.data(), bytes.size()) == ssize_t(bytes.size());
  auto file = std::make_shared<InputFile>("/proc/self/fd/" + std::to_string(descriptor));
  close(descriptor);
  return whole ? file : nullptr;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::run(data, size, [](std::string_view bytes) {
    const auto file = file_of(bytes);
    if (!file) return;
    const ImageSet set = open_image_stream(file, "-", {.crop = {{2, 2}}, .channels = 3});
    for (int i = 0; i < 3; ++i)
      if (const auto entry = set.next()) entry->load();
  });
}
