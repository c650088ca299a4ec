#include "tools/noise/names.hpp"

#include <cstdio>
#include <filesystem>

#include "lib/base/error.hpp"
#include "lib/base/path.hpp"
#include "lib/image/image_file.hpp"

namespace diffusion {
namespace fs = std::filesystem;
namespace {

struct Name {
  std::string stem, extension;  // with the folders before it; with its dot
};

Name name_of(const ImageEntry& entry, const std::string& extension) {
  const auto or_else = [&](const std::string& own) { return extension.empty() ? own : extension; };
  if (entry.row) {
    char digits[24];
    std::snprintf(digits, sizeof digits, "%06zu", *entry.row);
    return {digits, or_else(".png")};
  }
  const bool array = extension_of(entry.name) == ".npy";
  if (!array && !is_image_name(entry.name)) return {entry.name, or_else(".png")};
  const fs::path path(entry.name);
  const std::string stem = (path.parent_path() / path.stem()).string();
  const bool writable = array || is_writable_image_name(entry.name);
  return {stem, or_else(writable ? path.extension().string() : ".png")};
}

}  // namespace

std::vector<std::string> NameBook::names(const ImageEntry& entry,
                                         const std::vector<LevelAsked>& levels) {
  const Name name = name_of(entry, extension_);
  const auto [other, is_new] = writers_.emplace(name.stem + name.extension, entry.called());
  if (!is_new)
    throw Error(place_ + other->first + ": would be written for two inputs, " + other->second +
                " and another, " + entry.called() + "; noise them into folders of their own");
  std::vector<std::string> all;
  for (const LevelAsked& asked : levels)
    all.push_back(name.stem + (level_ == LevelInName::added ? "." + asked.name : "") +
                  name.extension);
  return all;
}

}  // namespace diffusion
