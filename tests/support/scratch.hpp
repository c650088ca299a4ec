// A folder for one test's files, removed at its end.
#pragma once
#include <cstdlib>
#include <filesystem>
#include <string>

#include "lib/base/file.hpp"

namespace diffusion::test {

class Scratch {
 public:
  Scratch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "diffusion-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::string operator/(const std::string& name) const { return (folder_ / name).string(); }
  const std::filesystem::path& folder() const { return folder_; }

  /// Writes a file, making the folders it is in.
  std::string write(const std::string& name, std::string_view bytes) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    write_file(*this / name, bytes);
    return *this / name;
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace diffusion::test
