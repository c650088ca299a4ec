// Many files that are read again and again, of which few are open at a time: a process may not
// hold thousands.
#pragma once
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "lib/base/random_access.hpp"

namespace diffusion {

class FilesAtHand {
 public:
  explicit FilesAtHand(std::size_t most = 32) : most_(most) {}

  /// The file, open as long as it is held. From any thread. Throws Error.
  std::shared_ptr<const RandomAccessFile> open(const std::string& path);

 private:
  std::size_t most_;
  std::mutex mutex_;
  std::deque<std::shared_ptr<const RandomAccessFile>> open_;  // what was used last at the front
};

}  // namespace diffusion
