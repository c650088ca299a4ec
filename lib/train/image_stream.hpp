// Images that are decoded when they are drawn; the next batch is decoded ahead of time.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <unordered_map>
#include <vector>

namespace diffusion {

/// Decodes in the background, as many at a time as there are threads, what it is told to
/// expect, and holds no more than that.
class ImageStream {
 public:
  using Pixels = std::vector<float>;
  using Decode = std::function<Pixels(std::uint32_t image)>;  // from any thread

  explicit ImageStream(Decode decode) : decode_(std::move(decode)) {}
  ~ImageStream();
  ImageStream(const ImageStream&) = delete;
  ImageStream& operator=(const ImageStream&) = delete;

  /// What will be taken after what was expected before, in about this order.
  void expect(std::span<const std::uint32_t> images);
  /// An image, decoded here and now unless that was done or begun in the background.
  /// From any thread. Throws what decoding throws.
  Pixels take(std::uint32_t image);

 private:
  /// Whoever holds the mutex decodes.
  struct Awaited {
    explicit Awaited(std::uint32_t which) : image(which) {}
    std::mutex mutex;
    std::uint32_t image;
    std::optional<Pixels> pixels = {};
    bool taken = false;
  };

  std::shared_ptr<Awaited> find(std::uint32_t image);
  void start();
  void work();
  void decode_ahead(Awaited& awaited) const;

  Decode decode_;
  std::mutex mutex_;  // of all that follows
  std::condition_variable more_;
  std::deque<std::shared_ptr<Awaited>> queue_;
  std::unordered_multimap<std::uint32_t, std::shared_ptr<Awaited>> expected_;
  bool stopping_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace diffusion
