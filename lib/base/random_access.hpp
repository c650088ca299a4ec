// A file read piece by piece: headers first, then only what is needed.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

namespace diffusion {

/// Regular files are read where and when asked; streams ("-", a FIFO) are taken
/// into memory (read_binary). Copies share the open file. Members that fail throw Error.
class RandomAccessFile {
 public:
  explicit RandomAccessFile(const std::string& path);
  /// What is in memory already; `name` stands for it in messages.
  RandomAccessFile(std::string bytes, std::string name);

  /// As messages should name it.
  const std::string& name() const { return name_; }
  std::uint64_t size() const { return size_; }

  /// Copies bytes [offset, offset + bytes), which must lie inside the file.
  /// Callable from any thread.
  void read(std::uint64_t offset, void* out, std::size_t bytes) const;

 private:
  std::string name_;
  std::uint64_t size_ = 0;
  std::shared_ptr<const int> descriptor_;     // regular files
  std::shared_ptr<const std::string> bytes_;  // streams
};

}  // namespace diffusion
