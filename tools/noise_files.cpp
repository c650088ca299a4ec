#include "tools/noise_files.hpp"

#include <cstdio>
#include <filesystem>
#include <set>
#include <unordered_map>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/image/image_file.hpp"
#include "tools/cli.hpp"

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
  if (!is_image_name(entry.name)) return {entry.name, or_else(".png")};
  const fs::path path(entry.name);
  const std::string stem = (path.parent_path() / path.stem()).string();
  return {stem, or_else(is_writable_image_name(entry.name) ? path.extension().string() : ".png")};
}

/// Refuses to write where DATA lies: originals would be replaced, or noisy files
/// be inputs of the next run.
void refuse_overwriting(const std::string& data, const FilePlan& plan) {
  std::error_code none;
  const fs::path source(data);
  const bool folder = fs::is_directory(source, none);
  const fs::path holder = folder ? source : fs::absolute(source).parent_path();
  if (data == "-" || !fs::equivalent(holder, plan.folder, none)) return;
  if (folder || plan.steps.size() == 1)
    throw Error(plan.folder + ": holds the inputs; noisy files go to a folder of their own");
}

}  // namespace

std::vector<PlannedFiles> plan_files(const ImageSet& set, const FilePlan& plan,
                                     const std::vector<std::string>& data) {
  for (const auto& path : data) refuse_overwriting(path, plan);
  std::vector<PlannedFiles> all;
  std::unordered_map<std::string, std::string> writers;
  std::set<std::string> folders;
  while (auto entry = set.next()) {
    const Name name = name_of(*entry, plan.extension);
    const auto [other, is_new] = writers.emplace(name.stem + name.extension, entry->name);
    if (!is_new)
      throw Error(plan.folder + other->first + ": would be written for two inputs, " +
                  other->second + " and another " + entry->name +
                  "; noise them into folders of their own");
    PlannedFiles planned{*std::move(entry), {}};
    for (const std::int64_t step : plan.steps)
      planned.paths.push_back(
          plan.folder + name.stem +
          (plan.steps.size() > 1 ? ".t" + std::to_string(step) : std::string()) + name.extension);
    folders.insert(fs::path(plan.folder + name.stem).parent_path().string());
    all.push_back(std::move(planned));
  }
  for (const auto& folder : folders) make_folder(folder);
  return all;
}

Depth depth_written(const std::string& path, Depth depth) {
  const std::string extension = cli::extension(path);
  if (extension == ".exr" || extension.starts_with(".tif")) return Depth::float32;
  return depth == Depth::uint16 ? Depth::uint16 : Depth::uint8;
}

}  // namespace diffusion
