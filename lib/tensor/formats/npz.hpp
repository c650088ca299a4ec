// NumPy's archives: a zip file of .npy members.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/tensor/formats/npy.hpp"
#include "lib/tensor/formats/zip.hpp"

namespace diffusion {

/// Whether a file that begins with `front` is one: zip archives begin with their first member's
/// name, and of NumPy's all are arrays.
bool is_npz(std::string_view front);
/// The same of a file, which must not be a pipe.
bool is_npz_file(const std::string& path);

/// Members by name without ".npy", read when asked for. Throws Error.
class NpzFile {
 public:
  explicit NpzFile(const std::string& path);  // "-": standard input
  NpzFile(std::string bytes, std::string culprit);

  std::vector<std::string> names() const;  // sorted
  bool has(const std::string& name) const { return zip_.members().contains(name + ".npy"); }
  NpyArray read(const std::string& name) const;
  /// The shape of an array, of which only the header is read.
  std::vector<std::size_t> shape_of(const std::string& name) const;
  /// A member's .npy file as it is, its check sum compared.
  std::string bytes_of(const std::string& name) const;

 private:
  const ZipMember& member(const std::string& name) const;

  ZipFile zip_;
};

/// An archive written array by array, and each array piece by piece: stored, with no
/// clock times, so that the same arrays give the same file. It appears whole or not at
/// all. Throws OutputError.
class NpzWriter {
 public:
  explicit NpzWriter(const std::string& path);
  ~NpzWriter();

  /// A member as a whole: its name without ".npy", the bytes of a .npy file.
  void add(const std::string& name, std::string_view npy);
  /// Begins a member of this shape, whose elements append() brings; not into a pipe.
  void begin(const std::string& name, NpyType type, const std::vector<std::size_t>& shape);
  void append(const void* data, std::size_t bytes);
  void commit();  // each member's bytes must add up to its shape

 private:
  struct Entry;
  void open(const std::string& name, std::uint64_t bytes, std::uint32_t crc);
  void close();
  void write(std::string_view bytes);

  AtomicFile file_;
  std::vector<Entry> entries_;
  std::uint64_t written_ = 0;
};

/// Writes members (name without ".npy", bytes of a .npy file) with it.
void write_npz(const std::string& path,
               const std::vector<std::pair<std::string, std::string>>& members);

}  // namespace diffusion
