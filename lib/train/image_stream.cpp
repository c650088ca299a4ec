#include "lib/train/image_stream.hpp"

#include <exception>

#include "lib/base/parallel.hpp"

namespace diffusion {

ImageStream::~ImageStream() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    queue_.clear();
  }
  more_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ImageStream::expect(std::span<const std::uint32_t> images) {
  if (workers_.empty()) start();
  {
    const std::lock_guard lock(mutex_);
    for (const std::uint32_t image : images) {
      queue_.push_back(std::make_shared<Awaited>(image));
      expected_.emplace(image, queue_.back());
    }
  }
  more_.notify_all();
}

ImageStream::Pixels ImageStream::take(std::uint32_t image) {
  const auto awaited = find(image);
  if (!awaited) return decode_(image);
  const std::lock_guard lock(awaited->mutex);
  awaited->taken = true;
  return awaited->pixels ? std::move(*awaited->pixels) : decode_(image);
}

std::shared_ptr<ImageStream::Awaited> ImageStream::find(std::uint32_t image) {
  const std::lock_guard lock(mutex_);
  const auto at = expected_.find(image);
  if (at == expected_.end()) return nullptr;
  auto awaited = std::move(at->second);
  expected_.erase(at);
  return awaited;
}

void ImageStream::start() {
  for (int i = 0; i < threads(); ++i) workers_.emplace_back([this] { work(); });
}

void ImageStream::work() {
  set_threads(1);  // of this worker: it is one of many
  for (;;) {
    std::shared_ptr<Awaited> next;
    {
      std::unique_lock lock(mutex_);
      more_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
      if (stopping_) return;
      next = std::move(queue_.front());
      queue_.pop_front();
    }
    decode_ahead(*next);
  }
}

void ImageStream::decode_ahead(Awaited& awaited) const {
  const std::lock_guard lock(awaited.mutex);
  if (awaited.taken) return;
  try {
    awaited.pixels = decode_(awaited.image);
  } catch (const std::exception&) {
    // Left undone: whoever takes it meets the same, and has someone to tell.
  }
}

}  // namespace diffusion
