#include "lib/base/random_access.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstring>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"

namespace diffusion {
namespace {

void close_and_delete(const int* descriptor) {
  close(*descriptor);
  delete descriptor;
}

}  // namespace

RandomAccessFile::RandomAccessFile(const std::string& path)
    : name_(path == "-" ? "standard input" : path) {
  struct stat status {};
  const bool regular = path != "-" && stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
  if (!regular) {
    bytes_ = std::make_shared<const std::string>(read_binary(path));
    size_ = bytes_->size();
    return;
  }
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw Error(name_ + ": cannot be read (" + system_reason() + ")");
  descriptor_.reset(new int(descriptor), close_and_delete);
  size_ = std::uint64_t(status.st_size);
}

RandomAccessFile::RandomAccessFile(std::string bytes, std::string name)
    : name_(std::move(name)),
      size_(bytes.size()),
      bytes_(std::make_shared<const std::string>(std::move(bytes))) {}

void RandomAccessFile::read(std::uint64_t offset, void* out, std::size_t bytes) const {
  assert(offset <= size_ && bytes <= size_ - offset);
  if (bytes_) {
    if (bytes > 0) std::memcpy(out, bytes_->data() + offset, bytes);
    return;
  }
  char* at = static_cast<char*>(out);
  while (bytes > 0) {
    const ssize_t got = pread(*descriptor_, at, bytes, off_t(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw Error(name_ + ": cannot be read (" + system_reason() + ")");
    if (got == 0) throw Error(name_ + ": became shorter while it was read");
    at += got;
    offset += std::uint64_t(got);
    bytes -= std::size_t(got);
  }
}

}  // namespace diffusion
