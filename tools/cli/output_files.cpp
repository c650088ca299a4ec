#include "tools/cli/output_files.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/path.hpp"

namespace diffusion::cli {

namespace fs = std::filesystem;

void refuse_shared_names(std::vector<std::string> files) {
  std::erase(files, "");
  for (auto& file : files) file = fs::path(file).lexically_normal().string();
  std::ranges::sort(files);
  const auto twice = std::ranges::adjacent_find(files);
  if (twice == files.end()) return;
  throw Error(*twice == "-" ? "standard output takes one result: name a file for the others"
                            : *twice + ": two outputs under one name");
}

void refuse_unwritable(const std::string& file) {
  if (file.empty() || file == "-") return;
  std::error_code none;
  if (fs::is_directory(file, none)) throw OutputError(file + ": is a folder, not a file to write");
  if (fs::exists(file, none) && !fs::is_regular_file(file, none)) return;  // a device, a pipe
  const fs::path folder = fs::path(file).parent_path();
  if (access(folder.empty() ? "." : folder.c_str(), W_OK | X_OK) != 0)
    throw OutputError(file + ": cannot be written (" + system_reason() + ")");
}

void refuse_other_format(const std::string& output, const std::string& ending,
                         const std::string& flag) {
  constexpr std::string_view endings[] = {".csv", ".tsv", ".md", ".json", ".npy"};
  const std::string given = extension_of(output);
  if (given != ending && std::ranges::find(endings, given) != std::end(endings))
    throw Error(output + ": its name contradicts " + flag);
}

void check_output_files(const std::vector<std::string>& files) {
  refuse_shared_names(files);
  for (const auto& file : files) refuse_unwritable(file);
}

}  // namespace diffusion::cli
