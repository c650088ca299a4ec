// Arrays on devices.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "lib/xla/plugin.hpp"
#include "lib/xla/shape.hpp"

namespace diffusion::xla {

/// Work that was begun. At its end it waits too, for the work may write to memory of the caller's.
class Pending {
 public:
  Pending() = default;
  explicit Pending(Handle event) : event_(std::move(event)) {}
  Pending(Pending&&) = default;
  Pending& operator=(Pending&& other) noexcept;
  ~Pending() { finish(); }

  /// Returns when the work is done. Throws OutOfDeviceMemory or Error if it failed, or if that
  /// failed which it waited for. A second time it returns at once.
  void await();

 private:
  void finish() noexcept;

  Handle event_;
};

/// Dense, rows first. Empty after it was donated or moved from.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Handle handle, Shape shape, int device)
      : handle_(std::move(handle)), shape_(std::move(shape)), device_(device) {}

  explicit operator bool() const { return bool(handle_); }
  const Shape& shape() const { return shape_; }
  int device() const { return device_; }

  /// As many bytes as the shape has. Throws Error.
  void download(std::span<std::byte> to) const;
  /// The same, begun: `to` may be read after await(), and must live until then.
  Pending begin_download(std::span<std::byte> to) const;
  /// What computes it.
  Pending ready() const;

  /// All its elements: Buffer::read<float>().
  template <class T>
  std::vector<T> read() const {
    std::vector<T> values(shape_.bytes() / sizeof(T));
    download(std::as_writable_bytes(std::span(values)));
    return values;
  }

  /// For those who hand it to a plugin.
  const Handle& handle() const { return handle_; }

 private:
  Handle handle_;
  Shape shape_;
  int device_ = 0;
};

}  // namespace diffusion::xla
