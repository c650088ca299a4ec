#include "lib/base/files_at_hand.hpp"

#include <algorithm>

namespace diffusion {

std::shared_ptr<const RandomAccessFile> FilesAtHand::open(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto at = std::ranges::find(open_, path, [](const auto& file) { return file->name(); });
  auto file = at == open_.end() ? std::make_shared<const RandomAccessFile>(path) : *at;
  if (at != open_.end())
    open_.erase(at);
  else if (open_.size() == most_)
    open_.pop_back();
  open_.push_front(file);
  return file;
}

}  // namespace diffusion
