#include "lib/base/path.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "lib/base/error.hpp"

namespace diffusion {
namespace fs = std::filesystem;

std::string extension_of(const std::string& path) {
  std::string text = fs::path(path).extension().string();
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return text;
}

bool names_folder(const std::string& path) {
  if (path == "-") return false;
  std::error_code none;
  return path.ends_with('/') || extension_of(path).empty() || fs::is_directory(path, none);
}

std::string without_slashes(std::string folder) {
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  return folder;
}

bool same_file(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty() || a == "-" || b == "-") return false;
  std::error_code failed;
  const fs::path first = fs::weakly_canonical(a, failed);
  if (failed) return false;
  const fs::path second = fs::weakly_canonical(b, failed);
  return !failed && first == second;
}

bool is_stream(const std::string& path) {
  if (path == "-") return true;
  std::error_code none;
  const fs::file_status status = fs::status(path, none);
  return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

void need_extension(const std::string& path, const std::string& wanted) {
  if (const auto given = extension_of(path); !given.empty() && given != wanted)
    throw Error(path + ": what is written is " + wanted + ", so the name must end in it");
}

void refuse_binary_name(const std::string& path, const std::string& what) {
  constexpr std::string_view endings[] = {".png", ".jpg", ".jpeg", ".tif",        ".tiff", ".exr",
                                          ".gif", ".svg", ".pdf",  ".npy",        ".npz",  ".pt",
                                          ".tar", ".gz",  ".zip",  ".safetensors"};
  const std::string ending = extension_of(path);
  if (std::ranges::find(endings, ending) != std::end(endings))
    throw Error(path + ": " + what + " is text, which a name that ends in " + ending +
                " does not say");
}

void refuse_terminal(const std::string& path, const std::string& what) {
  if (path == "-" && isatty(STDOUT_FILENO) == 1)
    throw Error("standard output is a terminal: " + what +
                " is binary; name a file with `output`, or pipe it");
}

}  // namespace diffusion
