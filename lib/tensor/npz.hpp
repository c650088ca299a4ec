// NumPy's archives: a zip file of .npy members.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "lib/tensor/npy.hpp"
#include "lib/tensor/zip.hpp"

namespace diffusion {

/// Members by name without ".npy", read when asked for. Throws Error.
class NpzFile {
 public:
  explicit NpzFile(const std::string& path);  // "-": standard input
  NpzFile(std::string bytes, std::string culprit);

  std::vector<std::string> names() const;  // sorted
  bool has(const std::string& name) const { return zip_.members().contains(name + ".npy"); }
  NpyArray read(const std::string& name) const;
  /// A member's .npy file as it is, its check sum compared.
  std::string bytes_of(const std::string& name) const;

 private:
  ZipFile zip_;
};

/// Writes members (name without ".npy", bytes of a .npy file), stored, with no
/// clock times: the same arrays give the same file.
void write_npz(const std::string& path,
               const std::vector<std::pair<std::string, std::string>>& members);

}  // namespace diffusion
