// NumPy's archives: a zip file of .npy members, stored or deflated, ZIP64.
// The format: PKWARE APPNOTE 6.3.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/tensor/npy.hpp"

namespace diffusion {

/// Members by name without ".npy", read when asked for; sizes are taken from the
/// central directory. Throws Error.
class NpzFile {
 public:
  explicit NpzFile(const std::string& path);  // "-": standard input
  NpzFile(std::string bytes, std::string culprit);

  std::vector<std::string> names() const;  // sorted
  bool has(const std::string& name) const { return members_.contains(name); }
  NpyArray read(const std::string& name) const;
  /// A member's .npy file as it is.
  std::string bytes_of(const std::string& name) const;

 private:
  struct Member {
    std::uint64_t offset, packed, size;
    std::uint16_t method;
    std::uint32_t crc;
  };
  struct Directory {
    std::uint64_t offset, bytes, entries;
  };
  Directory find_directory() const;
  void read_directory(const Directory& directory);
  std::string_view packed_bytes(const Member& member, const std::string& culprit) const;

  std::string culprit_, bytes_;
  std::map<std::string, Member> members_;
};

/// Whether `bytes` begin as a zip file does.
bool is_zip(std::string_view bytes);

/// Writes members (name without ".npy", bytes of a .npy file), stored, with no
/// clock times: the same arrays give the same file.
void write_npz(const std::string& path,
               const std::vector<std::pair<std::string, std::string>>& members);

}  // namespace diffusion
