#include "lib/base/file_batch.hpp"

#include <exception>
#include <utility>

namespace diffusion {

FileBatch::~FileBatch() {
  try {
    finish();
  } catch (const std::exception&) {
    // Those who want to know call finish().
  }
}

void FileBatch::add(const std::string& path, std::string_view bytes) {
  auto file = std::make_unique<AtomicFile>(path);
  file->write(bytes);
  file->set_aside();
  const std::lock_guard lock(mutex_);
  added_.push_back(std::move(file));
}

void FileBatch::flush() {
  if (appearing_.valid()) appearing_.get();
  if (added_.empty()) return;
  appearing_ = std::async(std::launch::async,
                          [files = std::exchange(added_, {})] { AtomicFile::commit_all(files); });
}

void FileBatch::finish() {
  flush();
  if (appearing_.valid()) appearing_.get();
}

}  // namespace diffusion
