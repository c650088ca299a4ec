#include "lib/base/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "lib/base/error.hpp"
#include "lib/base/file_kind.hpp"
#include "lib/base/temporary.hpp"
#include "lib/base/waiting.hpp"

namespace diffusion {
namespace fs = std::filesystem;
namespace {

void rename_over(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0)
    throw OutputError(to + ": cannot be written (" + system_reason() + ")");
}

/// The temporary file's name may fit where this one does not. Another may be shorter, so that
/// this is no reason to stop a batch.
void need_name_that_fits(const std::string& path) {
  if (fs::path(path).filename().native().size() > NAME_MAX)
    throw Error(path + ": cannot be written (the name is longer than " + std::to_string(NAME_MAX) +
                " bytes)");
}

}  // namespace

std::string system_reason() { return std::generic_category().message(errno); }

std::string read_file(const std::string& path, const FileLimit& limit) {
  return InputFile(path).rest(limit);
}

std::string read_binary(const std::string& path) {
  InputFile file(path);
  const FileKind kind = file_kind(file.front());
  const bool other = kind == FileKind::unknown || kind == FileKind::text || is_json(kind);
  return other ? std::string(file.front()) : file.rest();
}

std::string read_text(const std::string& path, const FileLimit& limit) {
  InputFile file(path);
  const bool other = file.front().find('\0') != std::string_view::npos &&
                     file_kind(file.front()) == FileKind::unknown;
  return plain_text(other ? std::string(file.front()) : file.rest(limit), file.name());
}

std::string plain_text(std::string bytes, const std::string& culprit) {
  constexpr std::string_view utf8 = "\xef\xbb\xbf", little = "\xff\xfe", big = "\xfe\xff";
  if (bytes.starts_with(little) || bytes.starts_with(big))
    throw Error(culprit + ": is text in UTF-16; save it as UTF-8");
  if (bytes.starts_with(utf8)) bytes.erase(0, utf8.size());
  return bytes;
}

InputFile::InputFile(const std::string& path)
    : name_(path == "-" ? "standard input" : path), descriptor_(open_to_read(path)) {
  struct stat about = {};
  if (descriptor_ < 0 || fstat(descriptor_, &about) != 0)
    throw Error(name_ + ": cannot be read (" + system_reason() + ")");
  may_wait_ = !S_ISREG(about.st_mode);
  if (!may_wait_) size_ = std::size_t(about.st_size);
  constexpr std::size_t enough_to_recognise = 4096;
  front_.resize(enough_to_recognise);
  std::size_t have = 0;
  try {
    while (const std::size_t got = read(front_.data() + have, front_.size() - have)) have += got;
  } catch (...) {
    close(descriptor_);
    throw;
  }
  front_.resize(have);
}

InputFile::~InputFile() { close(descriptor_); }

std::size_t InputFile::read(char* to, std::size_t most) {
  if (most == 0) return 0;
  for (;;) {
    if (may_wait_) wait_for_input(descriptor_);
    const ssize_t got = ::read(descriptor_, to, most);
    if (got >= 0) return std::size_t(got);
    if (errno != EINTR && errno != EAGAIN)
      throw Error(name_ + ": cannot be read (" + system_reason() + ")");
  }
}

void InputFile::read_all() {
  std::string all = rest();
  front_ = std::move(all);
  front_given_ = false;
}

std::string_view InputFile::next() {
  if (!std::exchange(front_given_, true) && !front_.empty()) return front_;
  piece_.resize(1 << 18);
  return {piece_.data(), read(piece_.data(), piece_.size())};
}

void InputFile::check(std::uint64_t bytes, const FileLimit& limit) const {
  if (bytes > limit.bytes)
    throw Error(name_ + ": has more than " + std::to_string(limit.bytes) + " bytes, the limit of " +
                std::string(limit.of));
}

std::string InputFile::rest(const FileLimit& limit) {
  check(size_, limit);
  std::string bytes = std::exchange(front_given_, true) ? "" : front_;
  std::size_t have = bytes.size();
  // One byte more than the file should have, so that its end shows without growing.
  bytes.resize(std::max(have, size_) + 1);
  while (const std::size_t got = read(bytes.data() + have, bytes.size() - have)) {
    have += got;
    check(have, limit);
    if (have == bytes.size()) bytes.resize(2 * have);
  }
  bytes.resize(have);
  return bytes;
}

AtomicFile::AtomicFile(std::string path) : path_(std::move(path)) {
  if (path_ == "-") {
    descriptor_ = standard_output();
    may_wait_ = !is_regular(descriptor_);
    return;
  }
  // A device or a pipe (/dev/null, a FIFO) can't be replaced: write through to it.
  if (std::error_code none; fs::exists(path_, none) && !fs::is_regular_file(path_, none)) {
    if (fs::is_directory(path_, none)) throw Error(path_ + ": is a folder, not a file to write");
    may_wait_ = true;
    descriptor_ = open_to_write(path_);
  } else {
    need_name_that_fits(path_);
    remove_left_overs(path_);
    temporary_ = temporary_name(path_);
    descriptor_ = open(temporary_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  }
  if (descriptor_ < 0) fail();
}

AtomicFile::~AtomicFile() {
  if (descriptor_ == STDOUT_FILENO) return;
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

void AtomicFile::write(const void* data, std::size_t bytes) {
  const char* at = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t put =
        may_wait_ ? write_to_stream(descriptor_, at, bytes) : ::write(descriptor_, at, bytes);
    if (put < 0 && (errno == EINTR || errno == EAGAIN)) continue;
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
  if (!temporary_.empty() && fsync(descriptor_) != 0 && errno != EINVAL) fail();
  close();
  if (!temporary_.empty()) rename_over(temporary_, path_);
  temporary_.clear();
}

/// Some file systems tell only then that what was written is lost.
void AtomicFile::close() {
  if (::close(std::exchange(descriptor_, -1)) != 0) fail();
}

void AtomicFile::set_aside() {
  struct stat about = {};
  if (fstat(descriptor_, &about) == 0) device_ = about.st_dev;
  sync_file_range(descriptor_, 0, 0, SYNC_FILE_RANGE_WRITE);  // a hint: the disk may begin
  close();
}

void AtomicFile::commit_all(std::span<const std::unique_ptr<AtomicFile>> files) {
  std::set<std::uint64_t> synced;
  for (const auto& file : files) {
    if (file->temporary_.empty() || !synced.insert(file->device_).second) continue;
    file->descriptor_ = open(file->temporary_.c_str(), O_RDONLY | O_CLOEXEC);
    if (file->descriptor_ < 0 || syncfs(file->descriptor_) != 0) file->fail();
    file->close();
  }
  for (const auto& file : files) {
    if (!file->temporary_.empty()) rename_over(file->temporary_, file->path_);
    file->temporary_.clear();
  }
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

void make_folder(const std::string& path) {
  std::error_code failure;
  fs::create_directories(path, failure);
  if (failure) throw OutputError(path + ": cannot be made (" + failure.message() + ")");
}

}  // namespace diffusion
