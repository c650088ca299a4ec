#include "lib/base/stand_in.hpp"

#include <algorithm>
#include <cstdint>

#include "lib/base/error.hpp"

namespace diffusion {
namespace {

constexpr std::string_view lfs_opening = "version https://git-lfs.github.com/spec/";

bool is_html(std::string_view front) {
  front.remove_prefix(std::min(front.find_first_not_of(" \t\r\n"), front.size()));
  std::string opening(front.substr(0, 16));
  for (char& c : opening)
    if (c >= 'A' && c <= 'Z') c = char(c + 'a' - 'A');
  return opening.starts_with("<!doctype html") || opening.starts_with("<html");
}

}  // namespace

void refuse_stand_in(std::string_view front, const std::string& culprit) {
  if (front.starts_with(lfs_opening))
    throw Error(culprit +
                ": is a Git LFS pointer in the place of the file, which git lfs pull "
                "brings");
  if (is_html(front))
    throw Error(culprit + ": is an HTML page in the place of the file: its download failed");
}

void refuse_stand_in(const RandomAccessFile& file) {
  constexpr std::uint64_t enough = 512;
  std::string front(std::size_t(std::min(file.size(), enough)), '\0');
  file.read(0, front.data(), front.size());
  refuse_stand_in(front, file.name());
}

}  // namespace diffusion
