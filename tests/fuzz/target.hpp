// What fuzz targets share: bytes in, and Error is the only way to refuse them.
#pragma once
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/error.hpp"

namespace diffusion::fuzz {

/// Runs `parse` on the input; anything but success or Error is a finding.
template <class Parse>
int run(const std::uint8_t* data, std::size_t size, Parse parse) {
  try {
    parse(std::string_view(reinterpret_cast<const char*>(data), size));
  } catch (const Error&) {
  }
  return 0;
}

/// A file without a folder, of these bytes, for what opens files by their names.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : descriptor_(memfd_create("input", 0)) {
    if (write(descriptor_, bytes.data(), bytes.size()) != ssize_t(bytes.size())) close(descriptor_);
    lseek(descriptor_, 0, SEEK_SET);
  }
  ~MemoryFile() { close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  int descriptor() const { return descriptor_; }
  std::string path() const {
    return "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(descriptor_);
  }

 private:
  int descriptor_;
};

/// The same of a file of the input.
template <class Parse>
int run_on_file(const std::uint8_t* data, std::size_t size, Parse parse) {
  return run(data, size, [&](std::string_view bytes) {
    const MemoryFile file(bytes);
    parse(file.path());
  });
}

}  // namespace diffusion::fuzz
