// Arrays larger than memory: elements of a .npy file read when asked for.
#pragma once
#include <string>
#include <variant>
#include <vector>

#include "lib/base/random_access.hpp"
#include "lib/tensor/formats/npy.hpp"
#include "lib/tensor/formats/npy_header.hpp"

namespace diffusion {

/// An array behind one interface, be it in memory or in a file.
class NpyReader {
 public:
  explicit NpyReader(NpyArray array);
  /// A file stays where it is if its elements lie in C order; in Fortran order, and
  /// from a pipe, it is taken into memory. Throws Error.
  explicit NpyReader(const std::string& path);
  /// Elements that lie in a file of another format, in C order from `offset` on.
  struct Stored {
    RandomAccessFile file;
    std::size_t offset;
    bool swapped;  // in the other byte order
  };
  NpyReader(NpyType type, std::vector<std::size_t> shape, Stored stored)
      : type_(type), shape_(std::move(shape)), data_(std::move(stored)) {}

  NpyType type() const { return type_; }
  const std::vector<std::size_t>& shape() const { return shape_; }

  /// Elements [first, first + count) in this machine's byte order: count times
  /// bytes_per_element(type()) bytes. From any thread. Throws Error.
  void read(std::size_t first, std::size_t count, char* out) const;

 private:
  NpyType type_;
  std::vector<std::size_t> shape_;
  std::variant<std::string, Stored> data_;
};

}  // namespace diffusion
