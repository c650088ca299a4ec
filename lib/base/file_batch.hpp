// Writes many files at once, while the caller goes on.
#pragma once
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/file.hpp"

namespace diffusion {

/// Files that appear whole or not at all, as AtomicFile's, but wait for the disk
/// together: a flush takes milliseconds, be it for one file or a hundred.
class FileBatch {
 public:
  FileBatch() = default;
  ~FileBatch();  // what was added appears, also when work is given up
  FileBatch(const FileBatch&) = delete;
  FileBatch& operator=(const FileBatch&) = delete;

  /// Writes a file; it appears after flush(). From any thread. Throws OutputError.
  void add(const std::string& path, std::string_view bytes);
  /// Lets the files added so far appear, in the background, and waits for those of the
  /// call before. Throws OutputError, also what those met.
  void flush();
  /// Waits for all.
  void finish();

 private:
  using Files = std::vector<std::unique_ptr<AtomicFile>>;

  std::mutex mutex_;
  Files added_;
  std::future<void> appearing_;  // its destructor waits
};

}  // namespace diffusion
