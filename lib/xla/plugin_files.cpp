#include "lib/xla/plugin_files.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>

#include "lib/base/text.hpp"

namespace diffusion::xla {
namespace fs = std::filesystem;

namespace {

/// Plugins that a package brings: PACKAGE-VERSION.dist-info lies beside its folder.
struct Pattern {
  std::string_view family;
  std::string_view parent;  // a folder among the packages, "" for themselves
  std::string_view folder;  // how the name of a folder in it begins
  std::string_view file;
  std::string_view package, package_end;  // around what follows in the folder's name
};
constexpr Pattern patterns[] = {
    {"cuda", "jax_plugins", "xla_cuda", "xla_cuda_plugin.so", "jax_cuda", "_pjrt"},
    {"rocm", "jax_plugins", "xla_rocm", "xla_rocm_plugin.so", "jax_rocm", "_pjrt"},
    {"oneapi", "jax_plugins", "xla_oneapi", "xla_oneapi_plugin.so", "jax_oneapi", "_pjrt"},
    {"tpu", "", "libtpu", "libtpu.so", "libtpu", ""},
    {"cpu", "", "fastatomstruct_xla_cpu", "libpjrt_cpu.so", "fastatomstruct_xla_cpu", ""},
};

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value ? value : "";
}

/// "python3.9" before "python3.13": shorter numbers are smaller.
bool older(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

/// Names in a folder that begin so, the latest first.
std::vector<std::string> names_in(const fs::path& folder, std::string_view begin) {
  std::vector<std::string> names;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none))
    if (entry.path().filename().string().starts_with(begin))
      names.push_back(entry.path().filename().string());
  std::ranges::sort(names, [](const auto& a, const auto& b) { return older(b, a); });
  return names;
}

/// Of an installation of Python: "/usr/local", $VIRTUAL_ENV.
void add_of_prefix(std::vector<std::string>& folders, const fs::path& prefix) {
  if (prefix.empty()) return;
  std::error_code none;
  for (const std::string& python : names_in(prefix / "lib", "python3"))
    for (const char* packages : {"site-packages", "dist-packages"}) {
      const fs::path folder = prefix / "lib" / python / packages;
      if (fs::is_directory(folder, none) && !std::ranges::count(folders, folder.string()))
        folders.push_back(folder.string());
    }
}

/// The installation whose python3 a shell would start, "" where there is none.
fs::path prefix_in_path() {
  std::error_code none;
  for (const std::string& folder : split(variable("PATH"), ':'))
    if (!folder.empty() && fs::exists(fs::path(folder) / "python3", none))
      return fs::path(folder).parent_path();
  return {};
}

fs::path user_base() {
  if (const std::string given = variable("PYTHONUSERBASE"); !given.empty()) return given;
  const std::string home = variable("HOME");
  return home.empty() ? fs::path() : fs::path(home) / ".local";
}

std::string version_of(const fs::path& folder, const std::string& package) {
  const std::string end = ".dist-info";
  for (const std::string& name : names_in(folder, package + "-"))
    if (name.ends_with(end))
      return name.substr(package.size() + 1, name.size() - package.size() - 1 - end.size());
  return "";
}

}  // namespace

std::vector<std::string> package_folders() {
  std::vector<std::string> folders;
  for (const fs::path& prefix :
       {fs::path(variable("VIRTUAL_ENV")), fs::path(variable("CONDA_PREFIX")), prefix_in_path(),
        user_base(), fs::path("/usr/local"), fs::path("/usr")})
    add_of_prefix(folders, prefix);
  return folders;
}

std::string plugin_of_environment() { return variable("DIFFUSION_XLA_PLUGIN"); }

std::vector<PluginFile> known_plugins() {
  std::vector<PluginFile> known = plugins_in(package_folders());
  const std::string path = plugin_of_environment();
  if (!path.empty() && !std::ranges::count(known, path, &PluginFile::path))
    known.insert(known.begin(), {"xla", path, ""});
  return known;
}

std::vector<PluginFile> plugins_in(std::span<const std::string> folders) {
  std::vector<PluginFile> found;
  std::error_code none;
  for (const fs::path folder : folders)
    for (const Pattern& pattern : patterns)
      for (const std::string& name : names_in(folder / pattern.parent, pattern.folder)) {
        const fs::path file = folder / pattern.parent / name / pattern.file;
        if (!fs::is_regular_file(file, none)) continue;
        const std::string package = std::string(pattern.package) +
                                    name.substr(pattern.folder.size()) +
                                    std::string(pattern.package_end);
        found.push_back({std::string(pattern.family), file.string(), version_of(folder, package)});
      }
  return found;
}

}  // namespace diffusion::xla
