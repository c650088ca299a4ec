#include "lib/base/file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "lib/base/error.hpp"

namespace diffusion {
namespace fs = std::filesystem;
namespace {

/// ".name.PID.ext": hidden from image sets, unlike any name a user asks for.
std::string temporary_name(const std::string& path) {
  static std::atomic<unsigned> counter = 0;
  const fs::path target(path);
  const std::string unique = std::to_string(getpid()) + "-" + std::to_string(counter++);
  return (target.parent_path() /
          ("." + target.stem().string() + "." + unique + target.extension().string()))
      .string();
}

void sync_and_rename(int descriptor, const std::string& from, const std::string& to) {
  if (fsync(descriptor) != 0 && errno != EINVAL)
    throw OutputError(to + ": cannot be written (" + system_reason() + ")");
  if (std::rename(from.c_str(), to.c_str()) != 0)
    throw OutputError(to + ": cannot be written (" + system_reason() + ")");
}

}  // namespace

std::string system_reason() { return std::generic_category().message(errno); }

std::string read_file(const std::string& path) {
  const std::string name = path == "-" ? "standard input" : path;
  const int descriptor = path == "-" ? dup(0) : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw Error(name + ": cannot be read (" + system_reason() + ")");
  std::string bytes;
  std::array<char, 1 << 16> buffer;
  for (;;) {
    const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      const std::string why = system_reason();
      close(descriptor);
      throw Error(name + ": cannot be read (" + why + ")");
    }
    if (got == 0) break;
    bytes.append(buffer.data(), std::size_t(got));
  }
  close(descriptor);
  return bytes;
}

AtomicFile::AtomicFile(std::string path) : path_(std::move(path)) {
  if (path_ == "-") {
    descriptor_ = STDOUT_FILENO;
    return;
  }
  // A device or a pipe (/dev/null, a FIFO) can't be replaced: write through to it.
  if (std::error_code none; fs::exists(path_, none) && !fs::is_regular_file(path_, none)) {
    if (fs::is_directory(path_, none)) throw Error(path_ + ": is a folder, not a file to write");
    descriptor_ = open(path_.c_str(), O_WRONLY | O_CLOEXEC);
  } else {
    temporary_ = temporary_name(path_);
    descriptor_ = open(temporary_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  }
  if (descriptor_ < 0) fail();
}

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0 || descriptor_ == STDOUT_FILENO) return;
  close(descriptor_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

void AtomicFile::write(const void* data, std::size_t bytes) {
  const char* at = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t put = ::write(descriptor_, at, bytes);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) fail();
    at += put;
    bytes -= std::size_t(put);
  }
}

void AtomicFile::write_at(std::uint64_t offset, std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::pwrite(descriptor_, text.data(), text.size(), off_t(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) fail();
    text.remove_prefix(std::size_t(put));
    offset += std::size_t(put);
  }
}

void AtomicFile::commit() {
  if (descriptor_ == STDOUT_FILENO) return;
  if (!temporary_.empty()) sync_and_rename(descriptor_, temporary_, path_);
  temporary_.clear();
  const int descriptor = descriptor_;
  descriptor_ = -1;
  if (close(descriptor) != 0) fail();
}

void AtomicFile::fail() const {
  throw OutputError((path_ == "-" ? "standard output" : path_) + ": cannot be written (" +
                    system_reason() + ")");
}

void write_file(const std::string& path, std::string_view bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

void write_atomically(const std::string& path,
                      const std::function<void(const std::string& temporary)>& write) {
  const std::string temporary = temporary_name(path);
  try {
    write(temporary);
    const int descriptor = open(temporary.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) throw OutputError(path + ": cannot be written (" + system_reason() + ")");
    try {
      sync_and_rename(descriptor, temporary, path);
    } catch (...) {
      close(descriptor);
      throw;
    }
    close(descriptor);
  } catch (...) {
    unlink(temporary.c_str());
    throw;
  }
}

void make_folder(const std::string& path) {
  std::error_code failure;
  fs::create_directories(path, failure);
  if (failure) throw OutputError(path + ": cannot be made (" + failure.message() + ")");
}

}  // namespace diffusion
