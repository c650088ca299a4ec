// NumPy's archives: a zip file of .npy members, stored or deflated, ZIP64.
#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "lib/tensor/npy.hpp"

namespace diffusion {

/// Members by name without ".npy", read when asked for; sizes are taken from the
/// central directory.
class NpzFile {
 public:
  explicit NpzFile(const std::string& path);  // throws Error
  std::vector<std::string> names() const;
  bool has(const std::string& name) const { return members_.contains(name); }
  NpyArray read(const std::string& name) const;

 private:
  struct Member {
    std::uint64_t offset, packed, size;
    std::uint16_t method;
    std::uint32_t crc;
  };
  std::string path_, bytes_;
  std::map<std::string, Member> members_;
};

/// Writes members (name without ".npy", bytes of a .npy file), stored, with no
/// clock times: the same arrays give the same file.
void write_npz(const std::string& path,
               const std::vector<std::pair<std::string, std::string>>& members);

}  // namespace diffusion
